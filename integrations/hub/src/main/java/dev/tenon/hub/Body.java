package dev.tenon.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The body of a response as a thread reads it that does not wait for ever. There is at most one part that it has not read. */
final class Body implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
    private sealed interface Event {}

    private record Part(List<ByteBuffer> bytes) implements Event {}

    private record Failure(Throwable cause) implements Event {}

    private record End() implements Event {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private Flow.Subscription subscription;
    private boolean closed;

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        events.add(new Part(bytes));
    }

    @Override
    public void onError(Throwable cause) {
        events.add(new Failure(cause));
    }

    @Override
    public void onComplete() {
        events.add(new End());
    }

    /**
     * The next bytes.
     *
     * @param patience how long to wait for them
     * @return the bytes, none if the time is over, null at the end of the body
     * @throws IOException if the connection failed
     */
    List<ByteBuffer> next(Duration patience) throws IOException, InterruptedException {
        Event event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        return switch (event) {
            case null -> List.of();
            case End() -> null;
            case Failure(Throwable cause) -> throw new IOException(cause);
            case Part(List<ByteBuffer> bytes) -> {
                synchronized (this) {
                    subscription.request(1);
                }
                yield bytes;
            }
        };
    }

    /** Ends the response; its connection is not used again if there was more. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
