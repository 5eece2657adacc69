package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.conv.ConvProblem;

/** Rows of one segment each. A part is one run of neighbouring windows, in whole tiles. */
abstract class SingleRuns extends WindowRows {
    private static final long MAX_PART = 168;

    /** The most bytes of the rows of a part if weights are not near. */
    private static final long MAX_FAR_BYTES = 1 << 20;

    private final int windows;

    /** The windows of a part, but for the last one. */
    final int partWindows;

    SingleRuns(ConvProblem p, int maxRows, Caches caches) {
        super(p, caches);
        windows = windows(p);
        partWindows = partWindows(maxRows, near ? maxCopyBytes : caches.partOfL2(MAX_FAR_BYTES));
    }

    /**
     * So many windows that their rows stay in the second-level cache; more if there are many weights, which are read for each
     * part.
     */
    private int partWindows(int maxRows, long most) {
        long wanted = Math.clamp(most / (p.terms() * Float.BYTES), 1, MAX_PART);
        int parts = Math.toIntExact(Math.ceilDiv(windows, wanted));
        return Math.min(windows, Math.ceilDiv(Math.ceilDiv(windows, parts), maxRows) * maxRows);
    }

    @Override
    final int parts() {
        return Math.ceilDiv(windows, partWindows);
    }

    @Override
    final long firstWindow(int part) {
        return (long) part * partWindows;
    }

    @Override
    final int runs(int part) {
        return 1;
    }

    @Override
    final int runWindows(int part) {
        return Math.min(partWindows, windows - part * partWindows);
    }

    @Override
    final long runStep() {
        return 0;
    }

    @Override
    final int segments() {
        return 1;
    }

    @Override
    final long segmentSkip() {
        return 0;
    }
}
