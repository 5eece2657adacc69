package dev.tenon.client;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A call with its retries. Ends when its time is over, whatever the server does. */
@SuppressWarnings("FutureReturnValueIgnored") // Actions only pass the end of one future on to another.
final class Exchange<T> {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final int OK = 200;

    private final TenonClient client;
    private final URI address;
    private final String call;

    /** The body for the time that is left; null for a call without one. */
    private final Function<Duration, List<byte[]>> body;

    private final Function<HttpResponse<byte[]>, T> reader;
    private final long end;

    private final CompletableFuture<HttpResponse<byte[]>> answer = new CompletableFuture<>();
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Exchange(
            TenonClient client,
            String path,
            Function<Duration, List<byte[]>> body,
            Function<HttpResponse<byte[]>, T> reader) {
        this.client = client;
        this.call = client.server() + path;
        this.address = URI.create(call);
        this.body = body;
        this.reader = reader;
        this.end = System.nanoTime() + client.timeout().toNanos();
    }

    /** Starts the call, and waits for its end on the caller's own clock. */
    T await() {
        CompletableFuture<T> started = start();
        try {
            return started.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClientException own) {
                // With the place of the caller; the other is kept as the cause.
                throw new ClientException(own.reason(), own.status(), own.getMessage(), own);
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            started.cancel(true);
            throw Failures.deadline(call);
        } catch (InterruptedException e) {
            started.cancel(true);
            Thread.currentThread().interrupt();
            throw ClientException.of(
                    ClientException.Reason.INTERRUPTED,
                    "a call",
                    "an interrupt while it waited",
                    "none",
                    "call again if it was not meant for it",
                    e);
        }
    }

    CompletableFuture<T> start() {
        answer.orTimeout(client.timeout().toNanos(), TimeUnit.NANOSECONDS).whenComplete(this::finish);
        // The caller may cancel what it has.
        result.whenComplete((value, e) -> answer.cancel(true));
        attempt(0);
        return result;
    }

    private void finish(HttpResponse<byte[]> response, Throwable e) {
        try {
            if (e instanceof TimeoutException) {
                // All timeouts of the JVM share the thread that calls this; actions of users may take long.
                CompletableFuture.runAsync(() -> result.completeExceptionally(Failures.deadline(call)));
            } else if (e != null) {
                result.completeExceptionally(Failures.ofThrowable(call, e));
            } else if (response.statusCode() == OK) {
                result.complete(reader.apply(response));
            } else {
                result.completeExceptionally(Failures.ofStatus(call, response));
            }
        } catch (RuntimeException | Error failed) {
            // Otherwise the caller would wait for ever.
            result.completeExceptionally(Failures.ofReading(call, failed));
        }
    }

    private void attempt(int retry) {
        if (answer.isDone()) {
            return;
        }
        try {
            CompletableFuture<HttpResponse<byte[]>> sent =
                    client.http().sendAsync(request(), info -> new BoundedBody(client.maxAnswerBytes()));
            sent.whenComplete((response, e) -> ended(response, e, retry));
            answer.whenComplete((response, e) -> sent.cancel(true));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    private HttpRequest request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (body == null) {
            return request.build();
        }
        long left = end - System.nanoTime();
        List<byte[]> parts = body.apply(Duration.ofNanos(Math.max(0, left)));
        long bytes = parts.stream().mapToLong(part -> part.length).sum();
        return request.header("Content-Type", "application/octet-stream")
                .header(InferCall.HEADER_LENGTH, String.valueOf(parts.get(0).length))
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArrays(parts), bytes))
                .build();
    }

    private void ended(HttpResponse<byte[]> response, Throwable e, int retry) {
        long pause = retry >= client.retries() ? -1 : e != null ? pause(e, retry) : pause(response);
        pause += pause < 0 ? 0 : ThreadLocalRandom.current().nextLong(FIRST_PAUSE_MILLIS);
        if (pause >= 0 && TimeUnit.MILLISECONDS.toNanos(pause) < end - System.nanoTime()) {
            Executor later = CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS);
            later.execute(() -> attempt(retry + 1));
        } else if (e != null) {
            answer.completeExceptionally(e);
        } else {
            answer.complete(response);
        }
    }

    /** Milliseconds before a call that failed is safe to be sent again; -1 if it is not. */
    private long pause(Throwable e, int retry) {
        return Failures.ofThrowable(call, e).reason() == ClientException.Reason.UNREACHABLE
                ? FIRST_PAUSE_MILLIS << retry
                : -1;
    }

    private static long pause(HttpResponse<byte[]> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return response.statusCode() == 503 && seconds.matches("[0-9]{1,6}")
                ? TimeUnit.SECONDS.toMillis(Long.parseLong(seconds))
                : -1;
    }
}
