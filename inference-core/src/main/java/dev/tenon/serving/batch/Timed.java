package dev.tenon.serving.batch;

/** Something that is due at a time. {@link Deadlines} orders it. */
abstract class Timed {
    /** When it is due, by the clock of {@link Deadlines}. */
    final long at;

    /** Its place in the heap, or -1; guarded by the lock of {@link Deadlines}. */
    int place = -1;

    /**
     * Something to be done.
     *
     * @param at when it is due
     */
    Timed(long at) {
        this.at = at;
    }

    /** Is called once at the time, on the thread of {@link Deadlines}; must be quick. If it throws,
     * the handler of uncaught exceptions of this thread is told. */
    abstract void due();
}
