package dev.tenon.exec;

/**
 * Room on the stack of the calling thread. A call counts itself and takes a slot of the worker pool, and gives both back
 * at its end. At the very end of a stack, giving back would fail too. So the room that giving back needs is tried out
 * before anything is taken.
 */
final class StackRoom {
    /** Frames of the smallest size that take more room than any clean-up. */
    private static final int FRAMES = 48;

    private StackRoom() {}

    /**
     * Tries out the room for clean-ups.
     *
     * @throws StackOverflowError if there is less
     */
    static void require() {
        if (descend(FRAMES, 1) < 0) {
            throw new IllegalStateException("a negative sum");
        }
    }

    private static long descend(int frames, long sum) {
        return frames == 0 ? sum : descend(frames - 1, sum + frames) + frames;
    }
}
