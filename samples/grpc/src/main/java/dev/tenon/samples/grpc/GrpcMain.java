package dev.tenon.samples.grpc;

import dev.tenon.samples.Command;
import dev.tenon.samples.Main;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.serve.InferenceServer;
import dev.tenon.samples.serve.ServeCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Serves models by the Open Inference Protocol, over gRPC and over HTTP, until it is interrupted. */
public final class GrpcMain implements Command {
    private static final String PORT = "--grpc-port";
    private static final int STANDARD_PORT = 8001;

    private GrpcMain() {}

    /**
     * Serves models.
     *
     * @param args those of {@link ServeCommand}, and the port for gRPC, 0 for any that is free
     */
    public static void main(String[] args) {
        System.exit(Main.run("grpc", new GrpcMain(), List.of(args), System.out, System.err));
    }

    @Override
    public Usage usage() {
        return ServeCommand.usage("grpc", "Serves models by the Open Inference Protocol, over gRPC and HTTP.")
                .option(PORT, "N", "the port for gRPC, 8001 if it is not given, 0 for any that is free")
                .example("samples/run grpc model.onnx", "samples/run grpc model.onnx --grpc-port 9001 --port 9000");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        List<String> others = new ArrayList<>(args);
        int port = port(others);
        InferenceServer http = ServeCommand.start(others, out);
        GrpcServer grpc;
        try {
            grpc = GrpcServer.start(http.served(), port);
        } catch (IOException e) {
            http.close();
            throw e;
        }
        out.println("gRPC at " + grpc.address());
        out.flush();
        ServeCommand.awaitEnd(() -> {
            grpc.close();
            http.close();
        });
        return 0;
    }

    /** Takes the port out of the arguments. */
    private static int port(List<String> args) {
        int at = args.indexOf(PORT);
        if (at < 0) {
            return STANDARD_PORT;
        }
        args.remove(at);
        String text = at < args.size() ? args.remove(at) : "";
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new UsageException(PORT + " " + text + " is not a number from 0 to 65535");
        }
        return Integer.parseInt(text);
    }
}
