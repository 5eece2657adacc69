package dev.tenon.hub;

import dev.tenon.hub.HubException.Reason;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Requests to the server of one call: redirects, refusals, and waiting between tries. For one thread. */
final class Requests implements AutoCloseable {
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> TRANSIENT = Set.of(408, 425, 429, 500, 502, 503, 504);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** Hugging Face says so whether it is the repository, the revision or the file that is not there. */
    private static final Pattern ERROR_CODE = Pattern.compile("[A-Za-z]{1,40}");

    private final HubOptions options;
    private final Deadline deadline;
    private final HttpClient client;

    Requests(HubOptions options) {
        this.options = options;
        this.deadline = Deadline.of(options);
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.timeout())
                .build();
    }

    /**
     * The answer of a server.
     *
     * @param status its code
     * @param headers by names in any case; those of earlier redirects on the same server where the last answer has none
     * @param body the body, not read yet
     */
    record Answer(int status, Map<String, String> headers, Body body) implements AutoCloseable {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }

        /** The number in a header, below zero if there is none. */
        long number(String name) {
            String text = headers.getOrDefault(name, "");
            return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
        }

        @Override
        public void close() {
            body.close();
        }
    }

    HubOptions options() {
        return options;
    }

    Deadline deadline() {
        return deadline;
    }

    /**
     * Sends a request and follows redirects.
     *
     * @param method GET or HEAD
     * @param thing the file, for messages
     * @param address where it is
     * @param headers of the request
     * @return an answer that is no refusal; for HEAD also a redirect to another server, where GET follows
     * @throws TransientException if it may help to ask again
     */
    Answer send(String method, String thing, URI address, Map<String, String> headers) throws TransientException {
        boolean isHead = method.equals("HEAD");
        Map<String, String> earlier = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        URI at = address;
        boolean mayKnowToken = true;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            Answer answer = once(request(method, at, headers, mayKnowToken), thing, at);
            if (!REDIRECTS.contains(answer.status())) {
                earlier.putAll(answer.headers());
                return accepted(
                        new Answer(answer.status(), isHead ? earlier : answer.headers(), answer.body()), thing, at);
            }
            answer.close();
            URI next = target(answer, thing, at);
            earlier.putAll(answer.headers());
            // That of the redirect, not of the file.
            earlier.remove("content-length");
            if (!Addresses.sameServer(at, next)) {
                mayKnowToken = false;
                if (isHead) {
                    return new Answer(answer.status(), earlier, answer.body());
                }
            }
            at = next;
        }
        throw new HubException(
                Reason.REDIRECT,
                thing,
                "more than " + MOST_REDIRECTS + " redirects, the last one to " + Addresses.text(at),
                "redirects that lead to a file",
                "check the address, and the server or mirror that answers");
    }

    private HttpRequest request(String method, URI at, Map<String, String> headers, boolean mayKnowToken) {
        HttpRequest.Builder request = HttpRequest.newBuilder(at)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "tenon-hub")
                // The length of a file and its ranges are those of the file itself.
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        if (mayKnowToken) {
            options.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        return request.build();
    }

    private Answer once(HttpRequest request, String thing, URI at) throws TransientException {
        Duration patience = deadline.atMost(options.timeout(), thing);
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> sent =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofPublisher());
        try {
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
                    sent.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            Body body = new Body();
            response.body().subscribe(body);
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            response.headers().map().forEach((name, values) -> headers.put(name, values.getFirst()));
            return new Answer(response.statusCode(), headers, body);
        } catch (InterruptedException e) {
            sent.cancel(true);
            throw Deadline.interrupted(thing, e);
        } catch (TimeoutException e) {
            sent.cancel(true);
            deadline.left(thing);
            throw stalled(thing, at, "no answer", e);
        } catch (ExecutionException e) {
            throw unreachable(thing, at, e.getCause());
        }
    }

    private static URI target(Answer answer, String thing, URI at) {
        try {
            URI next = at.resolve(answer.header("location").orElse(":"));
            if (Addresses.isUsable(next) && (Addresses.isEncrypted(next) || !Addresses.isEncrypted(at))) {
                return next;
            }
            throw refused(thing, at, "to " + Addresses.text(next));
        } catch (IllegalArgumentException e) {
            throw refused(thing, at, "to no address");
        }
    }

    private static HubException refused(String thing, URI at, String found) {
        return new HubException(
                Reason.REDIRECT,
                thing,
                "a redirect of " + Addresses.text(at) + " " + found,
                "redirects to http and https, without a user in the address, and from https to https alone",
                "check the address, and the server or mirror that answers");
    }

    /** The answer, if it has a file. */
    private Answer accepted(Answer answer, String thing, URI at) throws TransientException {
        int status = answer.status();
        if (status == 200 || status == 206 || status == 416) {
            return answer;
        }
        answer.close();
        String found = "status " + status + " of " + Addresses.text(at)
                + answer.header("x-error-code")
                        .filter(code -> ERROR_CODE.matcher(code).matches())
                        .map(code -> " (" + code + ")")
                        .orElse("");
        if (TRANSIENT.contains(status)) {
            throw new TransientException(
                    new HubException(
                            Reason.UNREACHABLE,
                            thing,
                            found,
                            "status 200",
                            "try again later, or ask whose server it is"),
                    asked(answer));
        }
        if (status == 401 || status == 403) {
            throw new HubException(
                    Reason.DENIED,
                    thing,
                    found,
                    "a file that this caller may read",
                    options.token().isPresent()
                            ? "check that the token of HubOptions.token is valid and may read it"
                            : "pass HubOptions.token, or a signed address that has not expired; Hugging Face answers so for repositories"
                                    + " that do not exist, too");
        }
        boolean isMissing = status == 404 || status == 410;
        throw new HubException(
                isMissing ? Reason.NOT_FOUND : Reason.CONTRADICTION,
                thing,
                found,
                "a file on the server",
                "check repository, revision, path and address");
    }

    /** How long the server asks to wait; zero if it does not. */
    private static Duration asked(Answer answer) {
        String text = answer.header("retry-after").orElse("").strip();
        if (text.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration left = Duration.between(ZonedDateTime.now(until.getZone()), until);
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    TransientException stalled(String thing, URI at, String found, Exception cause) {
        return new TransientException(
                new HubException(
                        Reason.STALLED,
                        thing,
                        found + " from " + Addresses.text(at) + " for "
                                + options.timeout().toMillis() + " ms",
                        "1 KiB within HubOptions.timeout",
                        "try again later, or give the server more time",
                        cause),
                Duration.ZERO);
    }

    static TransientException unreachable(String thing, URI at, Throwable cause) {
        return new TransientException(
                new HubException(
                        Reason.UNREACHABLE,
                        thing,
                        "no connection to " + Addresses.text(at) + ", or one that broke off: "
                                + cause.getClass().getSimpleName()
                                + (cause.getMessage() == null ? "" : ": " + cause.getMessage()),
                        "a server that answers",
                        "check network, proxy and address",
                        cause),
                Duration.ZERO);
    }

    /**
     * Waits before the next try.
     *
     * @param failures how many there were in turn, at least one
     * @param last the last one
     * @throws HubException that failure, if there are enough
     */
    void await(int failures, TransientException last) {
        if (failures > options.retries()) {
            throw last.failure();
        }
        Duration growing = options.backoff().multipliedBy(1L << Math.min(failures - 1, 20));
        Duration pause = growing.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : growing;
        pause = pause.multipliedBy(75 + ThreadLocalRandom.current().nextInt(51)).dividedBy(100);
        if (last.pause().compareTo(pause) > 0) {
            pause = last.pause();
        }
        boolean isTooLong = pause.compareTo(LONGEST_WAIT) > 0
                || pause.compareTo(deadline.left(last.failure().thing())) > 0;
        if (isTooLong && pause.equals(last.pause())) {
            throw new HubException(
                    last.failure().reason(),
                    last.failure().thing(),
                    last.failure().found() + ", which asks to wait for " + pause.toSeconds() + " s",
                    "a wait of at most " + LONGEST_WAIT.toSeconds() + " s, within HubOptions.timeLimit",
                    "try again then",
                    last.failure());
        }
        deadline.sleep(pause, last.failure().thing());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
