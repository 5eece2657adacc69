package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import dev.tenon.serving.BatchOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Serves models by the Open Inference Protocol until it is interrupted. */
public final class ServeCommand implements Command {
    private static final int MEGABYTE = 1 << 20;

    /**
     * A model to serve.
     *
     * @param name the name in addresses
     * @param version the version in addresses
     * @param file the file
     */
    private record Served(String name, String version, Path file) {
        /** Parses {@code FILE}, {@code NAME=FILE} or {@code NAME:VERSION=FILE}. */
        static Served parse(String text) {
            int equals = text.indexOf('=');
            Path file = find(text.substring(equals + 1));
            String name = equals < 0
                    ? String.valueOf(file.getFileName()).replaceFirst("\\.[a-z]+$", "")
                    : text.substring(0, equals);
            int colon = name.lastIndexOf(':');
            String version = colon < 0 ? "1" : name.substring(colon + 1);
            name = colon < 0 ? name : name.substring(0, colon);
            if (name.isEmpty() || version.isEmpty() || version.equals("latest")) {
                throw new UsageException(text + " names no model and version; allowed is NAME:VERSION=FILE");
            }
            return new Served(name, version, file);
        }

        /** The path of a model file, or of a model that the build has fetched, by its name. */
        private static Path find(String model) {
            Path fetched = Path.of(System.getProperty("tenon.models", "target/models"), model + ".onnx");
            return !Files.exists(Path.of(model)) && Files.exists(fetched) ? fetched : Path.of(model);
        }
    }

    /** Makes the command. */
    public ServeCommand() {}

    @Override
    public String usage() {
        return "[NAME[:VERSION]=]FILE... [--host ADDRESS] [--port N] [--threads N] [--batch ROWS] [--within-numerics]"
                + " [--max-body MEGABYTES] [--all-bodies MEGABYTES] [--connections N] [--idle SECONDS] [--head SECONDS]"
                + " [--body SECONDS] [--answer SECONDS] [--deadline MILLISECONDS] [--control] [--repository DIR]";
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        InferenceServer server = start(args, out);
        awaitEnd(server::close);
        return 0;
    }

    /**
     * Starts a server, and prints what it serves and where.
     *
     * @param args models and options, as {@link #usage()} says
     * @param out for the address
     * @return the server, which answers already
     * @throws IOException if the address can't be listened at
     */
    public static InferenceServer start(List<String> args, PrintStream out) throws IOException {
        List<Served> served = new ArrayList<>();
        InferenceServer server = new InferenceServer(parse(args, served), new Metrics());
        for (Served s : served) {
            server.load(s.name(), s.version(), Model.load(s.file()));
            out.println("loaded " + s.name() + ", version " + s.version());
        }
        server.start();
        out.println("listening at " + server.address() + "/ (Ctrl-C ends it when the requests that run are answered)");
        out.flush();
        return server;
    }

    /**
     * Waits until the process is told to end, or the thread is interrupted.
     *
     * @param close closes the servers; the process ends when it returns
     */
    public static void awaitEnd(Runnable close) {
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            close.run();
                            stopped.countDown();
                        },
                        "stop"));
        try {
            stopped.await();
        } catch (InterruptedException e) {
            close.run();
        }
    }

    private static ServerOptions parse(List<String> args, List<Served> served) {
        ServerOptions options = ServerOptions.standard();
        SessionOptions sessions = options.sessions();
        BatchOptions batching = options.batching();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            switch (arg) {
                case "--host" -> options = options.at(value(args, ++i), options.port());
                case "--port" -> options = options.at(options.host(), number(args, ++i, 0, 65_535));
                case "--threads" -> sessions = sessions.threads(number(args, ++i, 1, 9_999));
                case "--batch" -> batching = batching.maxRows(number(args, ++i, 1, 4_096));
                case "--within-numerics" -> batching = batching.withinNumerics();
                case "--max-body", "--all-bodies", "--connections", "--idle", "--head", "--body", "--answer" ->
                    options = options.http(limits(options.http(), arg, args, ++i));
                case "--deadline" -> options = options.within(Duration.ofMillis(number(args, ++i, 1, 3_600_000)));
                case "--control" -> options = options.controlled();
                case "--repository" -> options = options.repository(folder(value(args, ++i)));
                default -> {
                    if (arg.startsWith("--")) {
                        throw new UsageException("unknown option " + arg);
                    }
                    served.add(Served.parse(arg));
                }
            }
        }
        if (served.isEmpty() && options.control().repository().isEmpty()) {
            throw new UsageException("name at least one model, or a --repository from which clients load models");
        }
        return options.engine(sessions, batching);
    }

    /** Sets a limit of clients. */
    private static HttpLimits limits(HttpLimits limits, String option, List<String> args, int at) {
        return switch (option) {
            case "--max-body" -> limits.withBodyBytes(number(args, at, 1, 1_024) * MEGABYTE);
            case "--all-bodies" -> limits.withBodyMemory((long) number(args, at, 1, 1_048_576) * MEGABYTE);
            case "--connections" -> limits.withConnections(number(args, at, 1, 1_000_000));
            default -> {
                Duration time = Duration.ofSeconds(number(args, at, 1, 86_400));
                yield limits.withTimes(
                        option.equals("--idle") ? time : limits.idleTime(),
                        option.equals("--head") ? time : limits.headTime(),
                        option.equals("--body") ? time : limits.bodyTime(),
                        option.equals("--answer") ? time : limits.answerTime());
            }
        };
    }

    private static Path folder(String name) {
        if (!Files.isDirectory(Path.of(name))) {
            throw new UsageException("--repository " + name + " is no folder");
        }
        return Path.of(name);
    }

    private static String value(List<String> args, int at) {
        if (at == args.size()) {
            throw new UsageException(args.getLast() + " needs a value");
        }
        return args.get(at);
    }

    private static int number(List<String> args, int at, int least, int most) {
        String text = value(args, at);
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new UsageException(args.get(at - 1) + " " + text + " is not a number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }
}
