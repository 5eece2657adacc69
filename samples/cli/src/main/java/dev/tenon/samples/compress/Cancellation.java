package dev.tenon.samples.compress;

import dev.tenon.compression.Progress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run when the process is told to end, by Ctrl-C or SIGTERM. The run ends at its next progress, and the process waits
 * until it has saved what it has.
 */
final class Cancellation implements AutoCloseable {
    private static final int MOST_SECONDS = 60;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "compress-end");
    private volatile boolean isAsked;

    /** Begins to listen. */
    Cancellation() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void end() {
        isAsked = true;
        try {
            finished.await(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A progress that ends the run when the process is told to end. */
    Progress of(Progress progress) {
        return (task, share, remaining) -> {
            if (isAsked) {
                throw new CancellationException("the process was told to end");
            }
            progress.at(task, share, remaining);
        };
    }

    /** The run is over. */
    @Override
    public void close() {
        finished.countDown();
        if (!isAsked) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process has just been told to end, and the hook has nothing to wait for.
            }
        }
    }
}
