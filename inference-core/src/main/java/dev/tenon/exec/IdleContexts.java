package dev.tenon.exec;

import dev.tenon.plan.SpareMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The contexts of one program that no call uses. As many are kept for good as the JVM has processors: more calls do not
 * run at the same time for long. Others are dropped a few seconds after their last call, and all are dropped when native
 * memory runs short. Safe for any number of threads.
 */
final class IdleContexts implements SpareMemory.Holder {
    /** The contexts that are kept for good. */
    static final int KEPT = Runtime.getRuntime().availableProcessors();

    /** How long further contexts are kept. */
    static final long SPARE_NANOS = 2_000_000_000L;

    private static final long MILLIS_BETWEEN_LOOKS = 500;

    /** Those that have more contexts than are kept for good. A collected one is removed. */
    private static final Set<IdleContexts> CROWDED = Collections.newSetFromMap(new WeakHashMap<>());

    private static boolean watched;

    /** The context that was used last is the last one. */
    private final ArrayDeque<ExecutionContext> idle = new ArrayDeque<>();

    private final Supplier<ExecutionContext> maker;
    private final Runnable drained;
    /** The contexts that calls use. */
    private int taken;

    private boolean known;
    private boolean crowded;
    private boolean closed;

    /**
     * No contexts.
     *
     * @param maker makes one when none is idle
     * @param drained runs once, when no context is used and none is given out any more
     */
    IdleContexts(Supplier<ExecutionContext> maker, Runnable drained) {
        this.maker = maker;
        this.drained = drained;
    }

    /** Takes the context that was used last, or a new one. Returns null after {@link #close}. */
    ExecutionContext take() {
        ExecutionContext context;
        synchronized (idle) {
            if (closed) {
                return null;
            }
            taken++;
            context = idle.pollLast();
        }
        return context == null ? made() : context;
    }

    /** A new context, for a call that counts already. */
    private ExecutionContext made() {
        ExecutionContext context = null;
        try {
            context = maker.get();
        } finally {
            if (context == null) {
                left();
            }
        }
        return context;
    }

    /** A call got no context. */
    private void left() {
        boolean last;
        synchronized (idle) {
            taken--;
            last = closed && taken == 0;
        }
        if (last) {
            drained.run();
        }
    }

    /** Gives out no more contexts, and drops the idle ones. */
    void close() {
        boolean last;
        synchronized (idle) {
            last = !closed && taken == 0;
            closed = true;
            idle.clear();
        }
        if (last) {
            drained.run();
        }
    }

    /** Adds a context that a call does not use any more. */
    void add(ExecutionContext context) {
        boolean first;
        boolean many;
        boolean last;
        synchronized (idle) {
            taken--;
            last = closed && taken == 0;
            if (!closed) {
                idle.addLast(context);
            }
            first = !known;
            known = true;
            many = !crowded && idle.size() > KEPT;
            crowded |= many;
            if (many) {
                long now = System.nanoTime();
                idle.forEach(c -> c.idleSince(now));
            } else if (crowded) {
                context.idleSince(System.nanoTime());
            }
        }
        if (last) {
            drained.run();
        }
        if (first) {
            SpareMemory.add(this);
        }
        if (many) {
            watch(this);
        }
    }

    @Override
    public boolean giveBack() {
        synchronized (idle) {
            boolean any = !idle.isEmpty();
            idle.clear();
            return any;
        }
    }

    /** Drops the contexts that were not used for a while. Returns whether there may be more to drop later. */
    private boolean trim(long now) {
        synchronized (idle) {
            while (idle.size() > KEPT && now - idle.peekFirst().idleSince() > SPARE_NANOS) {
                idle.pollFirst();
            }
            crowded = idle.size() > KEPT;
            return crowded;
        }
    }

    private boolean isCrowded() {
        synchronized (idle) {
            return crowded;
        }
    }

    private static void watch(IdleContexts contexts) {
        synchronized (CROWDED) {
            CROWDED.add(contexts);
            if (watched) {
                return;
            }
            watched = true;
        }
        try {
            Thread thread = new Thread(null, IdleContexts::trimAll, "tenon-idle", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        } catch (OutOfMemoryError e) {
            // The contexts stay until memory runs short, or until the next crowd.
            synchronized (CROWDED) {
                watched = false;
            }
        }
    }

    private static void trimAll() {
        untilDone(IdleContexts::trimOnce, MILLIS_BETWEEN_LOOKS);
    }

    /**
     * Looks again and again. A look that finds no memory for what it does is made again later: the thread must not end
     * while others count on it.
     *
     * @param look returns whether it was the last one
     * @param millis the time between two looks
     */
    static void untilDone(BooleanSupplier look, long millis) {
        boolean done = false;
        while (!done) {
            try {
                Thread.sleep(millis);
                done = look.getAsBoolean();
            } catch (InterruptedException | OutOfMemoryError ignored) {
                // Nobody has a reason to interrupt this thread, and memory may be found by then.
            }
        }
    }

    /** Returns true when no program has more contexts than are kept for good. */
    private static boolean trimOnce() {
        List<IdleContexts> all;
        synchronized (CROWDED) {
            all = new ArrayList<>(CROWDED);
        }
        List<IdleContexts> done = new ArrayList<>();
        for (IdleContexts contexts : all) {
            if (contexts != null && !contexts.trim(System.nanoTime())) {
                done.add(contexts);
            }
        }
        synchronized (CROWDED) {
            // More calls may have ended meanwhile.
            done.removeIf(IdleContexts::isCrowded);
            done.forEach(CROWDED::remove);
            watched = !CROWDED.isEmpty();
            return !watched;
        }
    }
}
