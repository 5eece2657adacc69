package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/** Windows of one pixel: the rows are the pixels of the input, in place. */
final class PixelRows extends WindowRows {
    private static final long MAX_PART = 168;

    /** The most bytes of the rows of a part if weights are not near. */
    private static final long MAX_FAR_BYTES = 1 << 20;

    private final int windows;
    private final int partWindows;

    PixelRows(ConvProblem p, int maxRows) {
        super(p);
        windows = windows(p);
        partWindows = partWindows(p, maxRows);
    }

    /**
     * The windows of a part, in whole tiles: so many that their rows stay in the second-level cache; more if there are many
     * weights, which are read for each part.
     */
    static int partWindows(ConvProblem p, int maxRows) {
        long most = isNear(p) ? MAX_COPY_BYTES : MAX_FAR_BYTES;
        long wanted = Math.clamp(most / (p.terms() * Float.BYTES), 1, MAX_PART);
        int windows = windows(p);
        int parts = Math.toIntExact(Math.ceilDiv(windows, wanted));
        return Math.min(windows, Math.ceilDiv(Math.ceilDiv(windows, parts), maxRows) * maxRows);
    }

    @Override
    int parts() {
        return Math.ceilDiv(windows, partWindows);
    }

    @Override
    long firstWindow(int part) {
        return (long) part * partWindows;
    }

    @Override
    int runs(int part) {
        return 1;
    }

    @Override
    int runWindows(int part) {
        return Math.min(partWindows, windows - part * partWindows);
    }

    @Override
    long runStep() {
        return 0;
    }

    @Override
    long rowStep() {
        return pixelBytes();
    }

    @Override
    int segments() {
        return 1;
    }

    @Override
    long segmentSkip() {
        return 0;
    }

    @Override
    long copyBytes() {
        return 0;
    }

    @Override
    long prepare(int part, MemorySegment x, MemorySegment scratch, long at) {
        return x.address() + firstWindow(part) * pixelBytes();
    }
}
