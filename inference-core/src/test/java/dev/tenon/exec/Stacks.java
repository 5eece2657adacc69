package dev.tenon.exec;

/** The end of the stack, and what calls count. */
public final class Stacks {
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
     * What the calls of the process count in the shared worker pool.
     *
     * @return the number of running calls and taken slots
     */
    public static int callersAndSlots() {
        return WorkerPool.shared().counted();
    }
}
