package dev.tenon.samples.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tenon.Model;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.Models;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.UnknownModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers the requests of the Open Inference Protocol. Each runs on a virtual thread of its own. Safe for any number of threads.
 */
final class InferenceServer implements AutoCloseable {
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final String JSON = "application/json";
    private static final int SHUTDOWN_SECONDS = 20;

    /** An answer: a status, the type of its content, and the content. */
    private record Answer(int status, String type, byte[] body, int headerBytes) {
        Answer(int status, String type, byte[] body) {
            this(status, type, body, 0);
        }
    }

    private final Models models;
    private final Map<String, Model> loaded = new ConcurrentHashMap<>();
    private final Metrics metrics;
    private final ServerOptions options;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final byte[] page;
    private volatile boolean stopping;

    /** Makes a server that listens at an address, and does not answer yet. */
    InferenceServer(ServerOptions options, Metrics metrics) throws IOException {
        this.options = options;
        this.metrics = metrics;
        this.models = Models.create(options.sessions(), options.batching().listener(metrics));
        try (InputStream in = InferenceServer.class.getResourceAsStream("page.html")) {
            this.page = Objects.requireNonNull(in, "page.html").readAllBytes();
        }
        this.http = HttpServer.create(new InetSocketAddress(options.host(), options.port()), options.backlog());
        http.createContext("/", this::handle);
        http.setExecutor(threads);
    }

    /** The models, to load versions and to change routes while the server runs. */
    Models models() {
        return models;
    }

    /** Loads a version. The first version of a model serves at once. */
    void load(String name, String version, Model model) {
        models.load(name, version, model, options.trial());
        loaded.put(name + ":" + version, model);
        if (models.serving(name).isEmpty()) {
            models.promote(name, version);
        }
    }

    /** Begins to answer. */
    void start() {
        http.start();
    }

    /** The address of the server. */
    String address() {
        return "http://" + options.host() + ":" + http.getAddress().getPort();
    }

    /** Takes no more requests, and waits until those that run have ended. */
    @Override
    public void close() {
        stopping = true;
        http.stop(SHUTDOWN_SECONDS);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            answer = answer(exchange);
        } catch (RequestException e) {
            answer = error(e.status(), e.getMessage());
        } catch (TenonException e) {
            answer = error(status(e), e.getMessage());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            System.getLogger("dev.tenon.samples.serve").log(System.Logger.Level.ERROR, "a request failed", e);
            answer = error(500, "the server failed; its log says why");
        }
        send(exchange, answer);
    }

    private static Answer error(int status, String message) {
        return new Answer(status, JSON, Json.of("error", message));
    }

    /** The status of HTTP for a failure: 4xx where the client must change something, 503 and 504 where it may try again. */
    private static int status(TenonException e) {
        return switch (e) {
            case InvalidInputException i -> 400;
            case InvalidTensorException i -> 400;
            case InvalidOperandException i -> 400;
            case InvalidOptionException i -> 400;
            case UnknownModelException i -> 404;
            case ResourceLimitException i -> 413;
            case OverloadedException i -> 503;
            case CancelledPredictionException i -> 503;
            case DeadlineExceededException i -> 504;
            case InterruptedPredictionException i -> 503;
            default -> 500;
        };
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        metrics.response(answer.status());
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        if (answer.headerBytes() > 0) {
            exchange.getResponseHeaders().set(HEADER_LENGTH, String.valueOf(answer.headerBytes()));
        }
        if (answer.status() == 503) {
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
                    405,
                    "the method is " + method + "; allowed is "
                            + endpoint.kind().method());
        }
        return switch (endpoint.kind()) {
            case PAGE -> new Answer(200, "text/html; charset=utf-8", page);
            case STATISTICS -> json(Descriptions.statistics(models, metrics, options.about()));
            case METRICS ->
                new Answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        metrics.text().getBytes(StandardCharsets.UTF_8));
            case LIVE -> json(Json.of("live", true));
            case READY -> ready(!stopping && !models.names().isEmpty());
            case SERVER -> json(Descriptions.server(options.version()));
            case INDEX -> json(Descriptions.index(models));
            case MODEL ->
                json(Descriptions.model(endpoint.model(), models.versions(endpoint.model()), model(endpoint)));
            case MODEL_READY -> {
                model(endpoint);
                yield ready(!stopping);
            }
            case INFER -> infer(endpoint, exchange);
            case PROMOTE, ROLLBACK -> control(endpoint);
        };
    }

    private static Answer json(byte[] body) {
        return new Answer(200, JSON, body);
    }

    private static Answer ready(boolean ready) {
        return ready ? json(Json.of("ready", true)) : error(503, "the server is not ready");
    }

    /** The version that an endpoint names, or the one that serves. */
    private String version(Endpoint endpoint) {
        return endpoint.version().isEmpty()
                ? models.serving(endpoint.model())
                        .orElseThrow(() ->
                                new RequestException(503, "no version of model '" + endpoint.model() + "' serves"))
                : endpoint.version();
    }

    private Model model(Endpoint endpoint) {
        String version = version(endpoint);
        models.batcher(endpoint.model(), version);
        return loaded.get(endpoint.model() + ":" + version);
    }

    private Answer infer(Endpoint endpoint, HttpExchange exchange) {
        models.versions(endpoint.model());
        byte[] body = body(exchange);
        InferRequest request = InferReader.read(body, headerBytes(exchange, body.length));
        Call call = Call.standard()
                .within(request.timeout()
                        .filter(t -> t.compareTo(options.deadline()) < 0)
                        .orElse(options.deadline()));
        Models.Answer answered = endpoint.version().isEmpty()
                ? models.answer(endpoint.model(), request.inputs(), call.key(request.id()))
                : new Models.Answer(
                        endpoint.version(),
                        models.batcher(endpoint.model(), endpoint.version()).predict(request.inputs(), call));
        InferWriter.Answer answer = InferWriter.write(request, endpoint.model(), answered);
        return answer.isBinary()
                ? new Answer(200, "application/octet-stream", answer.body(), answer.headerBytes())
                : json(answer.body());
    }

    private byte[] body(HttpExchange exchange) {
        try (InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readNBytes(options.maxBodyBytes() + 1);
            if (body.length > options.maxBodyBytes()) {
                throw new RequestException(413, "the body has more than " + options.maxBodyBytes() + " bytes");
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
        if (!options.control()) {
            throw new RequestException(403, "the server was started without --control");
        }
        if (endpoint.kind() == Endpoint.Kind.ROLLBACK) {
            models.rollback(endpoint.model());
        } else if (endpoint.version().isEmpty()) {
            throw RequestException.bad("name a version: /v2/models/" + endpoint.model() + "/versions/VERSION/promote");
        } else {
            models.promote(endpoint.model(), endpoint.version());
        }
        return json(Json.of("serving", models.serving(endpoint.model()).orElse("")));
    }
}
