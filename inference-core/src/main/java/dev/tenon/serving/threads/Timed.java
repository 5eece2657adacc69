package dev.tenon.serving.threads;

/** Something that is due at a time. {@link Deadlines} orders it. */
public abstract class Timed {
    /** When it is due, by the clock of {@link Deadlines}. */
    public final long at;

    /** Its place in the heap, or -1; guarded by the lock of {@link Deadlines}. */
    int place = -1;

    /**
     * Something to be done.
     *
     * @param at when it is due
     */
    protected Timed(long at) {
        this.at = at;
    }

    /** Is called once at the time, on the thread of {@link Deadlines}; must be quick. If it throws,
     * the handler of uncaught exceptions of this thread is told. */
    public abstract void due();
}
