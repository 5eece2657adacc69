package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.compression.Samples;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            Path file = Arguments.model(text.substring(equals + 1));
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
    }

    /** Makes the command. */
    public ServeCommand() {}

    @Override
    public Usage usage() {
        return usage("serve", "Serves models by the Open Inference Protocol, over HTTP, until it is interrupted.")
                .example(
                        "samples/run serve model.onnx",
                        "samples/run serve scorer:2=scorer.json --port 8080 --batch 32 --deadline 500",
                        "samples/run serve --repository models --control");
    }

    /**
     * The models and options of a server.
     *
     * @param name the name of the sample that starts it
     * @param description what it does
     * @return a new usage
     */
    public static Usage usage(String name, String description) {
        return Usage.of("samples/run " + name, description)
                .arguments("[NAME[:VERSION]=]FILE...", "the models; their name is that of the file, their version is 1")
                .option("--host", "ADDRESS", "the address to listen at; this machine alone if it is not given")
                .option("--port", "N", "the port, 8000 if it is not given, 0 for any that is free")
                .option("--threads", "N", "the threads of a call")
                .option("--batch", "ROWS", "the most rows of calls that are merged; 1, none, if it is not given")
                .flag("merges calls whose results stay within the accuracy of operators", "--within-numerics")
                .option("--max-body", "MEGABYTES", "the most of a request")
                .option("--all-bodies", "MEGABYTES", "the most of all requests at once")
                .option("--connections", "N", "the most connections at once")
                .option("--idle", "SECONDS", "how long a connection may wait for a request")
                .option("--head", "SECONDS", "how long the head of a request may take")
                .option("--body", "SECONDS", "how long its body may take")
                .option("--answer", "SECONDS", "how long sending an answer may take")
                .option("--deadline", "MILLISECONDS", "the most time for a prediction, 10000 if it is not given")
                .flag("lets clients promote versions and roll them back", "--control")
                .repeated("--drift", "NAME=FILE.npz", "compares the inputs of a model with those of a file")
                .option("--repository", "DIR", "lets clients load versions from a folder: NAME/VERSION/model.onnx");
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
        Arguments given = usage("serve", "").parse(args);
        InferenceServer server = new InferenceServer(parse(given, served), new Metrics());
        for (Served s : served) {
            server.load(s.name(), s.version(), Model.load(s.file()));
            out.println("loaded " + s.name() + ", version " + s.version());
        }
        watch(server, given);
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

    /** Reads the references of {@code --drift}. Calls of a file may have several rows. */
    private static void watch(InferenceServer server, Arguments given) {
        for (String text : given.values("--drift")) {
            int equals = text.indexOf('=');
            String name = text.substring(0, Math.max(0, equals));
            if (!server.models().names().contains(name)) {
                throw new UsageException(
                        "--drift " + text + " names no model that is served; allowed is NAME=FILE.npz of "
                                + server.models().names());
            }
            Model model = server.served().model(name, ServedModels.LATEST);
            List<Map<String, Tensor>> reference = new ArrayList<>();
            Samples.npz(Path.of(text.substring(equals + 1)))
                    .bind(model.inputs())
                    .forEach(call -> reference.add(call.inputs()));
            server.served().watch(name, reference);
        }
    }

    private static ServerOptions parse(Arguments given, List<Served> served) {
        given.rest().forEach(model -> served.add(Served.parse(model)));
        ServerOptions options = ServerOptions.standard();
        SessionOptions sessions = options.sessions();
        BatchOptions batching = options.batching();
        options = options.at(
                given.value("--host").orElse(options.host()), given.number("--port", 0, 65_535, options.port()));
        if (given.has("--threads")) {
            sessions = sessions.threads(given.number("--threads", 1, 9_999, 1));
        }
        batching = batching.maxRows(given.number("--batch", 1, 4_096, batching.maxRows()));
        batching = given.has("--within-numerics") ? batching.withinNumerics() : batching;
        options = options.http(limits(options.http(), given));
        if (given.has("--deadline")) {
            options = options.within(Duration.ofMillis(given.number("--deadline", 1, 3_600_000, 1)));
        }
        options = given.has("--control") ? options.controlled() : options;
        options = given.has("--repository")
                ? options.repository(folder(given.value("--repository").orElseThrow()))
                : options;
        if (served.isEmpty() && options.control().repository().isEmpty()) {
            throw new UsageException("name at least one model, or a --repository from which clients load models");
        }
        return options.engine(sessions, batching);
    }

    /** Sets the limits of clients. */
    private static HttpLimits limits(HttpLimits standard, Arguments given) {
        HttpLimits limits = standard;
        if (given.has("--max-body")) {
            limits = limits.withBodyBytes(given.number("--max-body", 1, 1_024, 1) * MEGABYTE);
        }
        if (given.has("--all-bodies")) {
            limits = limits.withBodyMemory((long) given.number("--all-bodies", 1, 1_048_576, 1) * MEGABYTE);
        }
        if (given.has("--connections")) {
            limits = limits.withConnections(given.number("--connections", 1, 1_000_000, 1));
        }
        return limits.withTimes(
                seconds(given, "--idle", limits.idleTime()),
                seconds(given, "--head", limits.headTime()),
                seconds(given, "--body", limits.bodyTime()),
                seconds(given, "--answer", limits.answerTime()));
    }

    private static Duration seconds(Arguments given, String option, Duration standard) {
        return given.has(option) ? Duration.ofSeconds(given.number(option, 1, 86_400, 1)) : standard;
    }

    private static Path folder(String name) {
        if (!Files.isDirectory(Path.of(name))) {
            throw new UsageException("--repository " + name + " is no folder");
        }
        return Path.of(name);
    }
}
