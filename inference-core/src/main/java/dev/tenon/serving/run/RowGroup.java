package dev.tenon.serving.run;

import java.util.BitSet;

/**
 * Calls with equal shapes of rows: which numbers of rows are proven to have the bits of single rows, and how fast they
 * are. The gain is guarded by the lock of the batcher.
 */
public final class RowGroup {
    /** While lanes compete, a batch takes at most so many times as long as a call alone. */
    private static final double MOST_CALLS = 2;
    /** A batch this short holds nobody up: it takes as long to wake a thread. */
    private static final double SHORT_NANOS = 50_000;

    /** Joins the calls, and parts their outputs. */
    public final Rows rows;
    /** The shapes that the calls have in common. */
    public final RowShape shape;
    /** The gain of runs of these shapes that have several rows. */
    public final Gain gain = new Gain();

    private final boolean proofNeeded;
    /** The proven numbers of rows; a set is never changed once it is here. */
    private volatile BitSet proven = new BitSet();

    private volatile boolean refused;

    /**
     * A group of which nothing is known.
     *
     * @param rows the rows of the model
     * @param shape the shapes
     * @param proofNeeded whether numbers of rows must be proven before they are used
     */
    public RowGroup(Rows rows, RowShape shape, boolean proofNeeded) {
        this.rows = rows;
        this.shape = shape;
        this.proofNeeded = proofNeeded;
    }

    /**
     * Whether rows may run together in a number.
     *
     * @param rows the number of rows, at least 1
     * @return whether they are known to have the bits of single rows, or need not have them
     */
    public boolean isProven(int rows) {
        return !proofNeeded || rows == 1 || proven.get(rows);
    }

    /**
     * Rows that run together in this number have the bits of rows that run alone.
     *
     * @param rows the number of rows, at least 1
     */
    public synchronized void prove(int rows) {
        BitSet more = (BitSet) proven.clone();
        more.set(rows);
        proven = more;
    }

    /** Calls of these shapes are never merged again, since some rows had other bits together than alone. */
    public void refuse() {
        refused = true;
    }

    /** {@return whether calls of these shapes are never merged} */
    public boolean isRefused() {
        return refused;
    }

    /**
     * The most rows that the next batch should have.
     *
     * @param maxRows the most that it may have, at least 1
     * @param waiting how many rows wait
     * @return 1 to the most
     */
    public int cap(int maxRows, int waiting) {
        return refused ? 1 : gain.cap(maxRows, waiting);
    }

    /**
     * The most rows of a batch that holds up other calls little.
     *
     * @return 1 or more
     */
    public int brief() {
        return refused ? 1 : gain.rowsWithin(Math.max(SHORT_NANOS, MOST_CALLS * gain.nanos(1)));
    }
}
