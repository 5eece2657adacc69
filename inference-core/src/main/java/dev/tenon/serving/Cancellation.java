package dev.tenon.serving;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Ends calls early, from any thread: a client that hung up, say. One object may be given to any number of calls by
 * {@link Call#cancelledBy}; it ends all of them, and those that are made later. Safe for any number of threads.
 */
public final class Cancellation {
    private volatile boolean cancelled;
    /** The actions of calls that wait; guarded by this. */
    private final Set<Runnable> waiting = new HashSet<>();

    /** Makes a cancellation that was not used yet. */
    public Cancellation() {}

    /** Ends the calls. A call that waits ends at once, a call that runs before its next step. */
    public void cancel() {
        List<Runnable> told;
        synchronized (this) {
            cancelled = true;
            told = new ArrayList<>(waiting);
            waiting.clear();
        }
        told.forEach(Runnable::run);
    }

    /** {@return whether it was used} */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Tells a call that waits; at once if it was cancelled already. */
    void tell(Runnable call) {
        boolean now;
        synchronized (this) {
            now = cancelled;
            if (!now) {
                waiting.add(call);
            }
        }
        if (now) {
            call.run();
        }
    }

    synchronized void forget(Runnable call) {
        waiting.remove(call);
    }
}
