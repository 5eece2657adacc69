package dev.tenon.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A server, and how it is asked. Never changes: methods that set something return another client, which shares the connections.
 * Safe for any number of threads; one for each server is enough. Opens no connection, and starts no thread, before the first
 * call.
 */
public final class TenonClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final int RETRIES = 2;
    private static final int MAX_RETRIES = 10;
    private static final int MAX_ANSWER = 1 << 28;

    private final String server;
    private final Duration timeout;
    private final int retries;
    private final int maxAnswerBytes;
    private final Supplier<HttpClient> http;

    private TenonClient(String server, Duration timeout, int retries, int maxAnswerBytes, Supplier<HttpClient> http) {
        this.server = server;
        this.timeout = timeout;
        this.retries = retries;
        this.maxAnswerBytes = maxAnswerBytes;
        this.http = http;
    }

    /**
     * A client with 10 s for a call, 2 retries, and answers of at most 256 MiB.
     *
     * @param server the address of the server, {@code http} or {@code https}; a path is put before those of the protocol
     * @return the client
     * @throws ClientException of {@link ClientException.Reason#INVALID} if the address is no such one, or has a user, a query or
     *     a fragment
     */
    public static TenonClient to(URI server) {
        boolean isHttp = "http".equalsIgnoreCase(server.getScheme()) || "https".equalsIgnoreCase(server.getScheme());
        if (!isHttp
                || server.getHost() == null
                || server.getRawUserInfo() != null
                || server.getRawQuery() != null
                || server.getRawFragment() != null) {
            // The message leaves out parts that may be secret.
            throw ClientException.invalid(
                    "the address of the server",
                    "scheme " + server.getScheme() + ", host " + server.getHost(),
                    "http://HOST[:PORT][/PATH] and https, without user, query and fragment",
                    "give credentials to the HttpClient");
        }
        String text = server.toString();
        return new TenonClient(
                text.endsWith("/") ? text.substring(0, text.length() - 1) : text,
                TIMEOUT,
                RETRIES,
                MAX_ANSWER,
                new LazyClient());
    }

    /**
     * Sets the time of a call, with all its retries. The server learns what is left of it, and gives up then, too; it may allow
     * less.
     *
     * @param limit the time, from 1 ms to a day
     * @return another client
     * @throws ClientException of {@link ClientException.Reason#INVALID} if it is another
     */
    public TenonClient timeout(Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(LONGEST) > 0) {
            throw ClientException.invalid("timeout", limit.toString(), "1 ms to a day", "give another");
        }
        return new TenonClient(server, limit, retries, maxAnswerBytes, http);
    }

    /**
     * Sets how often a call is tried again. Only those are that the server has not begun: it was not reached, or it said 503 with
     * {@code Retry-After}. Pauses are what it says, or 0.1 s that double, and up to 0.1 s more by chance, so that clients that were turned away
     * together do not come back together.
     *
     * @param most the most retries, 0 to 10
     * @return another client
     * @throws ClientException of {@link ClientException.Reason#INVALID} if it is another
     */
    public TenonClient retries(int most) {
        if (most < 0 || most > MAX_RETRIES) {
            throw ClientException.invalid("retries", String.valueOf(most), "0 to " + MAX_RETRIES, "give another");
        }
        return new TenonClient(server, timeout, most, maxAnswerBytes, http);
    }

    /**
     * Sets the size of answers.
     *
     * @param most the most bytes, from 1 on
     * @return another client
     * @throws ClientException of {@link ClientException.Reason#INVALID} if it is another
     */
    public TenonClient maxAnswerBytes(int most) {
        if (most < 1) {
            throw ClientException.invalid("maxAnswerBytes", String.valueOf(most), "1 to 2147483647", "give another");
        }
        return new TenonClient(server, timeout, retries, most, http);
    }

    /**
     * Sets who sends, for certificates, proxies and credentials of your own.
     *
     * @param client the client, with its own time to connect
     * @return another client
     */
    public TenonClient http(HttpClient client) {
        return new TenonClient(server, timeout, retries, maxAnswerBytes, () -> client);
    }

    /**
     * A model of the server. Does not ask the server whether it exists.
     *
     * @param name its name
     * @return the model, in the version that serves
     * @throws ClientException of {@link ClientException.Reason#INVALID} if the name is empty
     */
    public RemoteModel model(String name) {
        return new RemoteModel(this, name);
    }

    String server() {
        return server;
    }

    Duration timeout() {
        return timeout;
    }

    int retries() {
        return retries;
    }

    int maxAnswerBytes() {
        return maxAnswerBytes;
    }

    HttpClient http() {
        return http.get();
    }

    /** Is made by the first call: its thread runs from then on. */
    private static final class LazyClient implements Supplier<HttpClient> {
        private HttpClient client;

        @Override
        public synchronized HttpClient get() {
            if (client == null) {
                client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT)
                        .build();
            }
            return client;
        }
    }
}
