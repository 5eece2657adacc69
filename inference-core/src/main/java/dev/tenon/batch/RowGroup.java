package dev.tenon.batch;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls with equal shapes of rows: which numbers of rows are proven to have the bits of single rows, and how fast they
 * are. The gain is guarded by the lock of the batcher.
 */
public final class RowGroup {
    public final RowShape shape;
    public final Gain gain = new Gain();
    private final boolean proofNeeded;
    private final Set<Integer> proven = ConcurrentHashMap.newKeySet();
    private volatile boolean refused;

    public RowGroup(RowShape shape, boolean proofNeeded) {
        this.shape = shape;
        this.proofNeeded = proofNeeded;
    }

    public boolean isProven(int rows) {
        return !proofNeeded || rows == 1 || proven.contains(rows);
    }

    /** Rows that run in this number together have the bits of rows that run alone. */
    public void prove(int rows) {
        proven.add(rows);
    }

    /** Calls of this shape are never merged again, since some rows had other bits together than alone. */
    public void refuse() {
        refused = true;
    }

    public boolean isRefused() {
        return refused;
    }

    public int cap(int maxRows) {
        return refused ? 1 : gain.cap(maxRows);
    }
}
