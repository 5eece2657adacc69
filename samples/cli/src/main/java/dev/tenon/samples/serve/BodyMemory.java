package dev.tenon.samples.serve;

import java.util.concurrent.atomic.AtomicLong;

/** The memory of all bodies of a server. It is counted before it is taken. Safe for any number of threads. */
final class BodyMemory {
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
    void take(long held, long more) {
        if (held + more > most) {
            throw new RequestException(
                    Failure.TOO_LARGE,
                    "the body needs more than the " + (most + HttpLimits.FREE_BYTES)
                            + " bytes that the server has for all bodies");
        }
        if (taken.addAndGet(more) > most) {
            taken.addAndGet(-more);
            throw new RequestException(
                    Failure.UNAVAILABLE, "other bodies take all of the server's memory for bodies; try again");
        }
    }

    /** Gives memory back. */
    void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** The bytes that are taken. */
    long taken() {
        return taken.get();
    }
}
