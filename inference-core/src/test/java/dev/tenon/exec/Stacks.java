package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

/** The end of the stack, and what calls count. */
public final class Stacks {
    private static final int LOOKS = 6000;

    private Stacks() {}

    /**
     * Does something at the end of the stack, and once more at each depth above it.
     *
     * @param work what to do; it must catch its exceptions, and may meet the end of the stack
     */
    @SuppressWarnings("InfiniteRecursion")
    public static void atEachDepth(Runnable work) {
        try {
            atEachDepth(work);
        } catch (StackOverflowError e) {
            // The callers go on.
            return;
        }
        try {
            work.run();
        } catch (StackOverflowError e) {
            // There was not even room to begin.
            return;
        }
    }

    /**
     * Fails if calls and slots stay counted in the shared worker pool. Threads of tests before may still be on their way out.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    public static void assertNoneCounted() throws InterruptedException {
        for (int i = 0; i < LOOKS && WorkerPool.shared().counted() != 0; i++) {
            Thread.sleep(10);
        }
        assertThat(WorkerPool.shared().counted())
                .as("calls and slots that are still counted")
                .isZero();
    }
}
