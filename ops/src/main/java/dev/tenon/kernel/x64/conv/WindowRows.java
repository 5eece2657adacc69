package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/**
 * The windows of a channels-last convolution as rows of a matrix. A row is made of some segments of neighbouring elements, all
 * of the same length and at equal distances. Windows come in runs, whose rows are at equal distances too. A part is some runs
 * of neighbouring windows. Immutable and thread-safe.
 */
abstract class WindowRows {
    private static final long MAX_COPY_BYTES = 1 << 18;
    private static final long MAX_NEAR_WEIGHTS = 1 << 19;

    final ConvProblem p;

    /** The most bytes of a copy, so that it stays in the second-level cache beside weights. */
    final long maxCopyBytes;

    /** Whether the weights stay in the second-level cache. Others are read as seldom as possible. */
    final boolean near;

    WindowRows(ConvProblem p, Caches caches) {
        this.p = p;
        maxCopyBytes = caches.partOfL2(MAX_COPY_BYTES);
        near = p.terms() * p.outputChannels() * Float.BYTES <= caches.partOfL2(MAX_NEAR_WEIGHTS);
    }

    /**
     * The rows of a convolution, found in the way that is estimated to be the fastest.
     *
     * @param p a convolution of one group
     * @param maxRows the rows of the largest tile
     * @param lanes the float32 lanes of a vector
     * @param caches the caches of a core
     */
    static WindowRows of(ConvProblem p, int maxRows, int lanes, Caches caches) {
        if (p.window().isIdentity()) {
            return new PixelRows(p, maxRows, caches);
        }
        if (!LineRows.takes(p)) {
            return new CopiedRows(p, maxRows, caches);
        }
        // Relative to a multiply-add: a copied element costs as much as a quarter of a vector of multiply-adds.
        double copies = 1 + lanes / (4.0 * p.outputChannels());
        return LineRows.cost(p.window().columns().output(), maxRows) <= copies
                ? new LineRows(p, caches)
                : new CopiedRows(p, maxRows, caches);
    }

    /** The number of all windows. */
    static int windows(ConvProblem p) {
        return Math.toIntExact(p.instances() * p.window().windows());
    }

    /** The number of parts. */
    abstract int parts();

    /** The number of a part's first window. */
    abstract long firstWindow(int part);

    /** The runs of a part. */
    abstract int runs(int part);

    /** The windows of each run of a part. */
    abstract int runWindows(int part);

    /** Bytes from the first row of a run to that of the next. */
    abstract long runStep();

    /** Bytes from a row to the next. */
    abstract long rowStep();

    /** The segments of a row. */
    abstract int segments();

    /** Bytes from the end of a segment to the start of the next. */
    abstract long segmentSkip();

    /** The size of the memory for a copy, bytes. */
    abstract long copyBytes();

    /**
     * Prepares the rows of a part.
     *
     * @param part the part
     * @param x the input
     * @param scratch memory for a copy
     * @param at the offset in it, bytes
     * @return the address of the first row
     */
    abstract long prepare(int part, MemorySegment x, MemorySegment scratch, long at);

    /** The elements of a segment. */
    final int segmentTerms() {
        return (int) (p.terms() / segments());
    }

    /** The bytes of a pixel of the input. */
    final long pixelBytes() {
        return (long) p.inputChannels() * Float.BYTES;
    }
}
