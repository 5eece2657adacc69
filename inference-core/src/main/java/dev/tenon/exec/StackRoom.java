package dev.tenon.exec;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.ResourceLimitException;

/**
 * Room on the stack of the calling thread. A call counts itself, takes slots and locks, and gives all of them back at its
 * end. At the very end of a stack, giving back would fail too. So the room that giving back needs is tried out before
 * anything is taken.
 *
 * <p>A public method that predicts catches the error of a stack without room in its own frame, and throws {@link #NONE}:
 * this needs no frame. Only where the stack ends before the first frame of the library, the caller gets the error itself.
 */
// The failure has no stack trace, and is made while there is room.
@SuppressWarnings("StaticAssignmentOfThrowable")
public final class StackRoom {
    /** Thrown when there is not even room on the stack to make an exception. */
    public static final ResourceLimitException NONE = JvmLimits.NO_STACK;

    /** Frames that take more room than any clean-up of a run. */
    private static final int FRAMES = 32;

    /** Frames that take more room than entering and leaving a queue, without the runs of the model. */
    private static final int SERVING_FRAMES = 64;

    private StackRoom() {}

    /**
     * Tries out the room for clean-ups.
     *
     * @throws StackOverflowError if there is less
     */
    static void require() {
        check(FRAMES);
    }

    /**
     * Tries out the room that a call of a batcher needs beside the run of its model.
     *
     * @throws StackOverflowError if there is less
     */
    public static void requireForServing() {
        check(SERVING_FRAMES);
    }

    private static void check(int frames) {
        if (descend(frames, 1, 2, 3) < 0) {
            throw new IllegalStateException("a negative sum");
        }
    }

    /** Numbers that are needed after the inner call keep their places in the frame. */
    private static long descend(int frames, long a, long b, long c) {
        return frames == 0 ? a + b + c : descend(frames - 1, b, c, a) + (a & b & c & frames);
    }
}
