package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.versions.Models;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Answers the requests of the Open Inference Protocol. Each runs on a virtual thread of its own. Large bodies are parsed,
 * and models
 * loaded, on threads of the system: a virtual thread would hold a processor until it is done, and few of them all processors.
 * Safe for any number of threads.
 */
public final class InferenceServer implements AutoCloseable {
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final Duration SHUTDOWN = Duration.ofSeconds(20);

    private final ServedModels served;
    private final HttpListener http;
    private final ExecutorService heavy = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().name("tenon-heavy-", 0).factory());
    private final byte[] page;

    /**
     * Makes a server that listens at an address, and does not answer yet.
     *
     * @param options the address and the limits
     * @param metrics counts what it does
     * @throws IOException if the address can't be listened at
     */
    public InferenceServer(ServerOptions options, Metrics metrics) throws IOException {
        this.served = new ServedModels(options, metrics);
        try (InputStream in = InferenceServer.class.getResourceAsStream("page.html")) {
            this.page = Objects.requireNonNull(in, "page.html").readAllBytes();
        }
        this.http = new HttpListener(
                new InetSocketAddress(options.host(), options.port()),
                options.http(),
                served.bodyMemory(),
                this::answer,
                status -> metrics.response("http", String.valueOf(status)));
    }

    /** {@return the models, to load versions, to change routes, and to serve them by other protocols too} */
    public ServedModels served() {
        return served;
    }

    /** The models, to change routes while the server runs. */
    Models models() {
        return served.models();
    }

    /** Loads a version. The first version of a model serves at once. */
    void load(String name, String version, Model model) {
        served.load(name, version, model);
    }

    /** Begins to answer. */
    public void start() {
        http.start();
    }

    /** {@return the address of the server} */
    public String address() {
        return "http://" + served.options().host() + ":" + http.port();
    }

    /** Takes no more requests, and waits until those that run have ended. */
    @Override
    public void close() {
        served.stop();
        http.close(SHUTDOWN);
        heavy.close();
    }

    /** The connections, for tests. */
    HttpListener listener() {
        return http;
    }

    private Answer answer(HttpRequest request) {
        Endpoint endpoint = Endpoint.parse(request.head().path());
        String method = request.head().method();
        String allowed = endpoint.kind().method();
        if (!method.equals(allowed) && !(method.equals("HEAD") && allowed.equals("GET"))) {
            return Answer.error(Failure.WRONG_METHOD, "the method is " + method + "; allowed is " + allowed)
                    .with("Allow", allowed);
        }
        return switch (endpoint.kind()) {
            case PAGE -> new Answer(200, "text/html; charset=utf-8", page);
            case STATISTICS -> Answer.json(Descriptions.statistics(served));
            case METRICS ->
                new Answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        (served.metrics().text(models())
                                        + Metrics.gauge(
                                                "tenon_http_connections",
                                                "Connections.",
                                                http.connections().count())
                                        + Metrics.gauge(
                                                "tenon_http_body_bytes",
                                                "Memory of large bodies.",
                                                http.memory().taken()))
                                .getBytes(StandardCharsets.UTF_8));
            case LIVE -> Answer.json(Json.of("live", true));
            case READY -> ready(served.isReady());
            case SERVER -> Answer.json(Descriptions.server(served.options().version()));
            case INDEX ->
                parsed(
                        request,
                        body -> Answer.json(Descriptions.index(
                                served.index(RepositoryRequest.read(body).ready()))));
            case MODEL ->
                Answer.json(Descriptions.model(endpoint.model(), models().versions(endpoint.model()), model(endpoint)));
            case MODEL_READY -> {
                model(endpoint);
                yield ready(served.isReady());
            }
            case INFER -> timed(endpoint, request);
            case PROMOTE, ROLLBACK -> control(endpoint);
            case LOAD -> {
                byte[] body = request.body();
                yield heavy(() -> Answer.json(Descriptions.version(served.loadFromRepository(
                        endpoint.model(), RepositoryRequest.read(body).parameters()))));
            }
            case UNLOAD ->
                parsed(request, body -> {
                    served.unload(endpoint.model(), RepositoryRequest.read(body).parameters());
                    return Answer.json(Json.of("unloaded", true));
                });
        };
    }

    private Answer timed(Endpoint endpoint, HttpRequest request) {
        models().versions(endpoint.model());
        long start = System.nanoTime();
        Answer answer = parsed(request, body -> infer(endpoint, request.head(), body));
        served.metrics().request(endpoint.model(), System.nanoTime() - start);
        return answer;
    }

    /** Answers a request by its body. */
    private Answer parsed(HttpRequest request, Function<byte[], Answer> work) {
        byte[] body = request.body();
        return body.length > BodyMemory.FREE_BYTES ? heavy(() -> work.apply(body)) : work.apply(body);
    }

    /** Runs work that takes long on a thread of the system. */
    private Answer heavy(Callable<Answer> work) {
        try {
            return heavy.submit(work).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(Failure.UNAVAILABLE, "the server stops");
        }
    }

    private static Answer ready(boolean ready) {
        return ready
                ? Answer.json(Json.of("ready", true))
                : Answer.error(Failure.UNAVAILABLE, "the server is not ready");
    }

    private Model model(Endpoint endpoint) {
        return served.model(endpoint.model(), endpoint.version());
    }

    private Answer infer(Endpoint endpoint, HttpHead head, byte[] body) {
        InferRequest request = InferReader.read(body, headerBytes(head, body.length));
        ServedModels.Prediction prediction = served.predict(new ServedModels.Request(
                endpoint.model(),
                endpoint.version(),
                request.id(),
                request.inputs(),
                request.outputs().keySet(),
                request.timeout(),
                new Cancellation()));
        InferWriter.Answer answer = InferWriter.write(request, endpoint.model(), prediction);
        return answer.isBinary()
                ? new Answer(200, "application/octet-stream", answer.body())
                        .with(HEADER_LENGTH, String.valueOf(answer.headerBytes()))
                : Answer.json(answer.body());
    }

    private static int headerBytes(HttpHead head, int bytes) {
        String text = head.header(HEADER_LENGTH);
        if (text == null) {
            return bytes;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > bytes) {
            throw RequestException.bad(
                    HEADER_LENGTH + " is " + text + "; allowed are 0 to " + bytes + ", the bytes of the body");
        }
        return Integer.parseInt(text);
    }

    private Answer control(Endpoint endpoint) {
        if (!served.options().control().routes()) {
            throw new RequestException(Failure.FORBIDDEN, "the server was started without --control");
        }
        if (endpoint.kind() == Endpoint.Kind.ROLLBACK) {
            models().rollback(endpoint.model());
        } else if (endpoint.version().isEmpty()) {
            throw RequestException.bad("name a version: /v2/models/" + endpoint.model() + "/versions/VERSION/promote");
        } else {
            models().promote(endpoint.model(), endpoint.version());
        }
        return Answer.json(Json.of("serving", models().serving(endpoint.model()).orElse("")));
    }
}
