package dev.tenon.samples.serve;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of all bodies of a server, whatever protocol they came by. It is counted before it is taken. Safe for any number of
 * threads.
 */
public final class BodyMemory {
    /** The first bytes of each body, which do not count: so large bodies never keep out small ones. */
    public static final int FREE_BYTES = 1 << 16;

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    BodyMemory(long most) {
        this.most = most;
    }

    /**
     * Takes more memory for a body.
     *
     * @param held the bytes that the body has taken
     * @param more the bytes that it needs besides
     * @throws RequestException if it never fits, or not now
     */
    public void take(long held, long more) {
        if (held + more > most) {
            throw new RequestException(
                    Failure.TOO_LARGE,
                    "the body needs more than the " + (most + FREE_BYTES)
                            + " bytes that the server has for all bodies");
        }
        if (taken.addAndGet(more) > most) {
            taken.addAndGet(-more);
            throw new RequestException(
                    Failure.UNAVAILABLE, "other bodies take all of the server's memory for bodies; try again");
        }
    }

    /**
     * Gives memory back.
     *
     * @param bytes the bytes that were taken
     */
    public void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** {@return the bytes that are taken} */
    public long taken() {
        return taken.get();
    }
}
