package dev.tenon.samples.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tenon.Model;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.Models;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers the requests of the Open Inference Protocol. Each runs on a virtual thread of its own. Safe for any number of threads.
 */
public final class InferenceServer implements AutoCloseable {
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final String JSON = "application/json";
    private static final int SHUTDOWN_SECONDS = 20;

    /** An answer: a status, the type of its content, and the content. */
    private record Answer(int status, String type, byte[] body, int headerBytes) {
        Answer(int status, String type, byte[] body) {
            this(status, type, body, 0);
        }
    }

    private final ServedModels served;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
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
        this.http = HttpServer.create(new InetSocketAddress(options.host(), options.port()), options.backlog());
        http.createContext("/", this::handle);
        http.setExecutor(threads);
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
        return "http://" + served.options().host() + ":" + http.getAddress().getPort();
    }

    /** Takes no more requests, and waits until those that run have ended. */
    @Override
    public void close() {
        served.stop();
        http.stop(SHUTDOWN_SECONDS);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            answer = answer(exchange);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            answer = error(Failure.of(e), Failure.message(e));
        }
        send(exchange, answer);
    }

    private static Answer error(Failure failure, String message) {
        return new Answer(failure.status(), JSON, Json.of("error", message));
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        served.metrics().response("http", String.valueOf(answer.status()));
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        if (answer.headerBytes() > 0) {
            exchange.getResponseHeaders().set(HEADER_LENGTH, String.valueOf(answer.headerBytes()));
        }
        if (answer.status() == Failure.UNAVAILABLE.status()) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), head || answer.body().length == 0 ? -1 : answer.body().length);
        if (!head) {
            exchange.getResponseBody().write(answer.body());
        }
        exchange.close();
    }

    private Answer answer(HttpExchange exchange) {
        Endpoint endpoint = Endpoint.parse(exchange.getRequestURI().getRawPath());
        String method = exchange.getRequestMethod();
        boolean get = method.equals("HEAD") && endpoint.kind().method().equals("GET");
        if (!get && !method.equals(endpoint.kind().method())) {
            exchange.getResponseHeaders().set("Allow", endpoint.kind().method());
            throw new RequestException(
                    Failure.WRONG_METHOD,
                    "the method is " + method + "; allowed is "
                            + endpoint.kind().method());
        }
        return switch (endpoint.kind()) {
            case PAGE -> new Answer(200, "text/html; charset=utf-8", page);
            case STATISTICS ->
                json(Descriptions.statistics(
                        models(),
                        served.metrics(),
                        served.repositoryText(),
                        served.options().about()));
            case METRICS ->
                new Answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        served.metrics().text(models()).getBytes(StandardCharsets.UTF_8));
            case LIVE -> json(Json.of("live", true));
            case READY -> ready(served.isReady());
            case SERVER -> json(Descriptions.server(served.options().version()));
            case INDEX ->
                json(Descriptions.index(
                        served.index(RepositoryRequest.read(body(exchange)).ready())));
            case MODEL ->
                json(Descriptions.model(endpoint.model(), models().versions(endpoint.model()), model(endpoint)));
            case MODEL_READY -> {
                model(endpoint);
                yield ready(served.isReady());
            }
            case INFER -> infer(endpoint, exchange);
            case PROMOTE, ROLLBACK -> control(endpoint);
            case LOAD ->
                json(Descriptions.version(served.loadFromRepository(
                        endpoint.model(), RepositoryRequest.read(body(exchange)).parameters())));
            case UNLOAD -> {
                served.unload(
                        endpoint.model(), RepositoryRequest.read(body(exchange)).parameters());
                yield json(Json.of("unloaded", true));
            }
        };
    }

    private static Answer json(byte[] body) {
        return new Answer(200, JSON, body);
    }

    private static Answer ready(boolean ready) {
        return ready ? json(Json.of("ready", true)) : error(Failure.UNAVAILABLE, "the server is not ready");
    }

    private Model model(Endpoint endpoint) {
        return served.model(endpoint.model(), endpoint.version());
    }

    private Answer infer(Endpoint endpoint, HttpExchange exchange) {
        models().versions(endpoint.model());
        byte[] body = body(exchange);
        InferRequest request = InferReader.read(body, headerBytes(exchange, body.length));
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
                ? new Answer(200, "application/octet-stream", answer.body(), answer.headerBytes())
                : json(answer.body());
    }

    private byte[] body(HttpExchange exchange) {
        int most = served.options().maxBodyBytes();
        try (InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readNBytes(most + 1);
            if (body.length > most) {
                throw new RequestException(Failure.TOO_LARGE, "the body has more than " + most + " bytes");
            }
            return body;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int headerBytes(HttpExchange exchange, int bytes) {
        String text = exchange.getRequestHeaders().getFirst(HEADER_LENGTH);
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
        return json(Json.of("serving", models().serving(endpoint.model()).orElse("")));
    }
}
