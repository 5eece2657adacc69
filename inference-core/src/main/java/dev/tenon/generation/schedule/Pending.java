package dev.tenon.generation.schedule;

import dev.tenon.generation.Generation;
import java.util.concurrent.CompletableFuture;

/** A future whose sequence ends when its user completes it. */
final class Pending extends CompletableFuture<Generation> {
    /** Cancels the sequence; null at the end, so that a result does not keep its sequence. */
    private volatile Runnable leaves;

    Pending(Runnable leaves) {
        this.leaves = leaves;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return left(super.cancel(mayInterruptIfRunning));
    }

    @Override
    public boolean complete(Generation value) {
        return left(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return left(super.completeExceptionally(failure));
    }

    private boolean left(boolean completed) {
        Runnable told = leaves;
        if (completed && told != null) {
            leaves = null;
            told.run();
        }
        return completed;
    }

    /** Its sequence has ended. */
    void end(Sequence ended) {
        leaves = null;
        if (ended.ending().failure() == null) {
            super.complete(ended.result());
        } else {
            super.completeExceptionally(ended.ending().failure());
        }
    }
}
