package dev.tenon.samples.grpc;

import dev.tenon.error.TenonException;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.serve.InferenceServer;
import dev.tenon.samples.serve.ServeCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Serves models by the Open Inference Protocol, over gRPC and over HTTP, until it is interrupted. */
public final class GrpcMain {
    private static final String PORT = "--grpc-port";
    private static final int STANDARD_PORT = 8001;
    private static final int USAGE_ERROR = 2;

    private GrpcMain() {}

    /**
     * Serves models.
     *
     * @param args those of {@link ServeCommand}, and the port for gRPC, 0 for any that is free
     */
    public static void main(String[] args) {
        try {
            serve(List.of(args), System.out);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.err.println("usage: samples/run grpc [" + PORT + " N] " + new ServeCommand().usage());
            System.exit(USAGE_ERROR);
        } catch (TenonException | IOException e) {
            System.err.println("samples/run grpc: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void serve(List<String> args, PrintStream out) throws IOException {
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
