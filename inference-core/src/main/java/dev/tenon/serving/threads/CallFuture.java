package dev.tenon.serving.threads;

import java.util.concurrent.CompletableFuture;

/**
 * The future of a call that waits or runs. When its user completes it, the call is told to leave.
 *
 * @param <T> the type of the result
 */
public class CallFuture<T> extends CompletableFuture<T> {
    /** Ends the call early. Null at the end: whoever keeps a result keeps nothing else of its call. */
    private volatile Runnable call;

    /** A future that no call completes yet. */
    public CallFuture() {}

    /**
     * Sets the call that leaves, before any other thread knows of this future.
     *
     * @param leave ends the call early
     */
    public final void of(Runnable leave) {
        call = leave;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return left(super.cancel(mayInterruptIfRunning));
    }

    @Override
    public boolean complete(T value) {
        return left(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return left(super.completeExceptionally(failure));
    }

    private boolean left(boolean completed) {
        Runnable leave = call;
        if (completed && leave != null) {
            leave.run();
            call = null;
        }
        return completed;
    }

    /**
     * Completes it for the call, which has ended.
     *
     * @param value the result
     * @param failure null if there is a result
     * @return false if its user has completed it before
     */
    public final boolean end(T value, Throwable failure) {
        try {
            return failure == null ? super.complete(value) : super.completeExceptionally(failure);
        } finally {
            call = null;
        }
    }
}
