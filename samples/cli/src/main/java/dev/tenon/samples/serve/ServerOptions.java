package dev.tenon.samples.serve;

import dev.tenon.SessionOptions;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.versions.Trial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a server.
 *
 * @param host the address to listen at
 * @param port the port, 0 for any that is free
 * @param http how much clients of HTTP may take
 * @param deadline the most time for a prediction
 * @param control what clients may change while the server runs
 * @param sessions how sessions are made
 * @param batching how calls are merged
 */
public record ServerOptions(
        String host,
        int port,
        HttpLimits http,
        Duration deadline,
        Control control,
        SessionOptions sessions,
        BatchOptions batching) {
    /**
     * The changes that clients may make.
     *
     * @param routes whether they may promote versions and roll them back
     * @param repository the folder from which they may load versions, and thus unload versions, too; empty for neither
     */
    public record Control(boolean routes, Optional<Path> repository) {}

    private static final int STANDARD_PORT = 8000;

    /**
     * Port 8000 of this machine alone, the limits of {@link HttpLimits#standard()}, 10 s for a prediction, no merged calls.
     *
     * @return the options
     */
    public static ServerOptions standard() {
        return new ServerOptions(
                "127.0.0.1",
                STANDARD_PORT,
                HttpLimits.standard(),
                Duration.ofSeconds(10),
                new Control(false, Optional.empty()),
                SessionOptions.standard(),
                BatchOptions.standard().maxRows(1));
    }

    /**
     * Sets where the server listens.
     *
     * @param address the address
     * @param number the port, 0 for any that is free
     * @return new options
     */
    public ServerOptions at(String address, int number) {
        return new ServerOptions(address, number, http, deadline, control, sessions, batching);
    }

    /**
     * Sets what a request may have.
     *
     * @param bodyBytes the most bytes of its body
     * @param limit the most time for its prediction
     * @return new options
     */
    public ServerOptions limits(int bodyBytes, Duration limit) {
        return new ServerOptions(host, port, http.withBodyBytes(bodyBytes), limit, control, sessions, batching);
    }

    /**
     * Sets the time of predictions.
     *
     * @param limit the most time for a prediction
     * @return new options
     */
    public ServerOptions within(Duration limit) {
        return new ServerOptions(host, port, http, limit, control, sessions, batching);
    }

    /**
     * Sets how much clients of HTTP may take.
     *
     * @param limits the limits
     * @return new options
     */
    public ServerOptions http(HttpLimits limits) {
        return new ServerOptions(host, port, limits, deadline, control, sessions, batching);
    }

    /** {@return the most bytes of the body of a request} */
    public int maxBodyBytes() {
        return http.bodyBytes();
    }

    private ServerOptions with(Control allowed) {
        return new ServerOptions(host, port, http, deadline, allowed, sessions, batching);
    }

    /**
     * Lets clients promote versions and roll them back.
     *
     * @return new options
     */
    public ServerOptions controlled() {
        return with(new Control(true, control.repository()));
    }

    /**
     * Lets clients load and unload versions.
     *
     * @param folder where versions are: {@code NAME/VERSION/model.onnx}
     * @return new options
     */
    public ServerOptions repository(Path folder) {
        return with(new Control(control.routes(), Optional.of(folder)));
    }

    /**
     * Sets how models compute.
     *
     * @param session how sessions are made
     * @param batch how calls are merged
     * @return new options
     */
    public ServerOptions engine(SessionOptions session, BatchOptions batch) {
        return new ServerOptions(host, port, http, deadline, control, session, batch);
    }

    /** Models are served as they are loaded: the server knows no inputs to try them with. */
    Trial trial() {
        return Trial.none();
    }

    /** {@return the version of Tenon} */
    public String version() {
        return System.getProperty("tenon.version", "0.1.0-SNAPSHOT");
    }

    /** The description of the server on its page. */
    Map<String, String> about() {
        return Map.of("version", version(), "java", Runtime.version().toString());
    }
}
