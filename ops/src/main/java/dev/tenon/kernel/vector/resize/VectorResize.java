package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * Resizes two axes, one after the other: some rows of the result are computed from whole rows of the data, in scratch memory that
 * the first-level cache holds; then their columns are resized. If the elements after a column fill a vector, columns are resized
 * by {@link OuterAxisLoops} like rows, else by {@link InnerAxisLoops}. A small plane whose rows do not fill vectors is taken as
 * one row, if the taps of a vector of its elements are in few enough vectors. If rows and columns have two taps each, one loop
 * does both and needs no scratch memory.
 *
 * <p>Copies are limited by memory. Sums of two taps take about four loads and a store for each vector of the result, whereas
 * memory takes one of each; sums of more taps take proportionally more.
 */
public final class VectorResize implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;

    /**
     * About the number of elements that are read and written for one band of rows. The first-level cache would hold more, but
     * reads from memory and writes to it would then come in long bursts, during which the other waits.
     */
    private static final int BAND_ELEMENTS = 2 << 10;

    private static final int MAX_BAND_ROWS = 64;

    /** The maximum number of elements of a plane that is taken as a row. */
    private static final int MAX_PLANE_ELEMENTS = 1 << 10;

    /** The maximum number of taps of an element of such a plane. */
    private static final int MAX_PLANE_TAPS = 16;

    /** The rows that are read if each row of a band is computed from the row at its own position. */
    private static final int[] IDENTITY = new int[MAX_BAND_ROWS];

    static {
        for (int i = 0; i < MAX_BAND_ROWS; i++) {
            IDENTITY[i] = i;
        }
    }

    private final ResizeProblem p;
    private final RowPartition partition;

    /** The taps of rows; null if rows are not resized. */
    private final UniformTaps rowTaps;

    /** Resizes rows before columns are resized; null if columns are resized from rows of the data. */
    private final OuterAxisLoops rowLoops;

    /** Resizes columns of single elements, or null. */
    private final InnerAxisLoops columnLoops;

    /** Resizes columns whose elements are runs of at least a vector, or null. */
    private final OuterAxisLoops runLoops;

    /** The rows of a plane; if rows are not resized, all planes are one. */
    private final long inRows;

    private final long outRows;
    private final long inBytes;
    private final long outBytes;
    private final long runBytes;

    /** The distance of resized rows in scratch memory, from which columns are resized, bytes. */
    private final long scratchStride;

    /** The distance of rows where the result is written, bytes. */
    private final long resultStride;

    /** Whether loops write rows into the result; otherwise into scratch memory, because they may write past a row. */
    private final boolean direct;

    /** The number of bytes that loops may read past a row of the data. */
    private final long overreadBytes;

    /** The number of rows of the result that are computed at a time. */
    private final int bandRows;

    private final long resultsAt;
    private final Loops[] loops;

    /** Kinds of loops, by the number of taps of an element. */
    private enum Loops {
        COPIES,
        PAIRS,
        SUMS;

        /** Whether the loops are compiled; counts as a call for each part. */
        boolean areCompiled(int parts) {
            return switch (this) {
                case COPIES -> ResizeWarmUps.RESIZE_MOVES.over(parts);
                case PAIRS -> ResizeWarmUps.RESIZE_PAIRS.over(parts);
                case SUMS -> ResizeWarmUps.RESIZE_SUMS.over(parts);
            };
        }
    }

    private VectorResize(ResizeProblem p) {
        this.p = p;
        int inner = p.inner();
        UniformTaps down = p.rows().isIdentity() ? null : UniformTaps.of(p.rows());
        UniformTaps across = p.columns().isIdentity() ? null : UniformTaps.of(p.columns());
        boolean runs = inner >= LANES;
        int width = p.columns().input() * inner;
        UniformTaps single = across == null || runs ? null : across.ofSingleElements(inner);
        InnerAxisLoops columns = single == null ? null : new InnerAxisLoops(InnerAxisSteps.of(single, width));
        InnerAxisLoops plane = plane(down, single, columns, width);
        boolean flat = plane != null;
        rowTaps = flat ? null : down;
        columnLoops = flat ? plane : columns;
        runLoops = across != null && runs ? new OuterAxisLoops(across, inner) : null;
        rowLoops = rowTaps == null || rowTaps.perElement() == 1 && across != null
                ? null
                : new OuterAxisLoops(rowTaps, width);
        long planes = p.outer() * (down == null ? p.rows().input() : 1);
        inRows = rowTaps == null ? planes : p.rows().input();
        outRows = rowTaps == null ? planes : p.rows().output();
        inBytes = (long) width * Float.BYTES * (flat ? p.rows().input() : 1);
        outBytes = (long) p.columns().output()
                * inner
                * Float.BYTES
                * (flat ? p.rows().output() : 1);
        runBytes = (long) inner * Float.BYTES;
        long minRead = columnLoops == null ? VECTOR : columnLoops.minReadBytes();
        scratchStride = Math.max(inBytes, minRead);
        direct = columnLoops == null ? outBytes >= VECTOR : columnLoops.steps().exact;
        resultStride = direct ? outBytes : outBytes + VECTOR;
        overreadBytes = Math.max(0, (rowLoops == null ? minRead : VECTOR) - inBytes);
        long wanted =
                Math.clamp(BAND_ELEMENTS * Float.BYTES / (inBytes + outBytes), InnerAxisLoops.SUM_ROWS, MAX_BAND_ROWS);
        bandRows = (int) wanted / InnerAxisLoops.SUM_ROWS * InnerAxisLoops.SUM_ROWS;
        resultsAt = rowLoops == null || across == null ? 0 : bandRows * scratchStride;
        partition =
                RowPartition.of(rowTaps == null ? planes : p.outer() * outRows, outBytes / Float.BYTES, PART_ELEMENTS);
        loops = loops(rowLoops == null ? null : rowTaps, flat ? plane.steps().taps : across);
    }

    /** The loops that take a small plane as a row, or null if they can't or would be no better than those of columns. */
    private InnerAxisLoops plane(UniformTaps down, UniformTaps across, InnerAxisLoops loops, int width) {
        if (down == null
                || across == null
                || loops.steps().exact
                || p.outer() == 1
                || (long) down.output() * across.output() > MAX_PLANE_ELEMENTS
                || (long) down.perElement() * across.perElement() > MAX_PLANE_TAPS
                || (long) width * p.rows().input() > Integer.MAX_VALUE / Float.BYTES) {
            return null;
        }
        InnerAxisLoops plane = new InnerAxisLoops(
                InnerAxisSteps.of(down.ofPlane(across, width), width * p.rows().input()));
        return plane.steps().exact ? plane : null;
    }

    private static Loops[] loops(UniformTaps first, UniformTaps second) {
        int min = Math.min(
                first == null ? Integer.MAX_VALUE : first.perElement(), second == null ? 2 : second.perElement());
        int max = Math.max(first == null ? 1 : first.perElement(), second == null ? 1 : second.perElement());
        return max == 1
                ? new Loops[] {Loops.COPIES}
                : max == 2
                        ? min == 1 ? new Loops[] {Loops.COPIES, Loops.PAIRS} : new Loops[] {Loops.PAIRS}
                        : new Loops[] {Loops.COPIES, Loops.PAIRS, Loops.SUMS};
    }

    /**
     * A kernel.
     *
     * @param p the problem
     * @return the kernel
     */
    public static Kernel of(ResizeProblem p) {
        return new VectorResize(p);
    }

    @Override
    public String id() {
        return "resize_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        long taps = (long) p.rows().most() + p.columns().most();
        return 1 + partition.maxPartRows() * (outBytes / Float.BYTES) * taps / LANES;
    }

    @Override
    public long scratchBytes() {
        return resultsAt + (direct ? 0 : bandRows * resultStride) + VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        boolean compiled = true;
        for (Loops each : loops) {
            compiled &= each.areCompiled(to - from);
        }
        run(compiled, operands, scratch, from, to);
    }

    /** Runs by vector loops if they are compiled, else by their scalar twins, which have the same results bit for bit. */
    void run(boolean compiled, MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long end = partition.start(to);
        for (long row = partition.start(from); row < end; ) {
            int count = (int) Math.min(Math.min(bandRows, outRows - row % outRows), end - row);
            band(compiled, operands, row, count, scratch);
            row += count;
        }
    }

    /** Computes neighbouring rows of one plane of the result. */
    private void band(boolean compiled, MemorySegment[] operands, long row, int count, MemorySegment scratch) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        int first = (int) (row % outRows);
        // If rows are not resized, the offset is that of the first row of the band instead of the plane's.
        long plane = rowTaps == null ? row * inBytes : row / outRows * inRows * inBytes;
        long planeEnd = rowTaps == null ? plane + count * inBytes : plane + inRows * inBytes;
        boolean within = compiled && planeEnd + overreadBytes <= x.byteSize();
        MemorySegment target = direct ? y : scratch;
        long to = direct ? row * outBytes : resultsAt;
        if (columnLoops == null && runLoops == null) {
            rowsOnly(within, x, plane, first, count, target, to);
        } else if (rowLoops == null) {
            columnsOfData(within, x, plane, first, count, target, to);
        } else if (within && columnLoops != null && columnLoops.fusesRows(rowTaps)) {
            columnLoops.pairsOfPairs(rowTaps, x, plane, first, count, inBytes, target, to, resultStride);
        } else if (within && runLoops != null && runLoops.fusesRows(rowTaps)) {
            runLoops.pairsOfPairs(rowTaps, x, plane, inBytes, first, count, target, to, resultStride);
        } else {
            rowLoops.run(within, x, plane, inBytes, first, count, scratch, 0, scratchStride);
            columnsOfScratch(compiled, scratch, count, target, to);
        }
        for (int i = 0; i < count && !direct; i++) {
            MemorySegment.copy(scratch, resultsAt + i * resultStride, y, (row + i) * outBytes, outBytes);
        }
    }

    /** Resizes rows, if columns are not resized. */
    private void rowsOnly(
            boolean compiled, MemorySegment x, long from, int first, int count, MemorySegment y, long to) {
        if (rowLoops != null) {
            rowLoops.run(compiled, x, from, inBytes, first, count, y, to, resultStride);
            return;
        }
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(x, from + i * inBytes, y, to + i * resultStride, outBytes);
        }
    }

    /** Resizes the columns of rows of the data. Each row of the result is computed from one row. */
    private void columnsOfData(
            boolean compiled, MemorySegment x, long from, int first, int count, MemorySegment y, long to) {
        int[] index = rowTaps == null ? IDENTITY : rowTaps.index();
        int start = rowTaps == null ? 0 : first;
        if (columnLoops != null) {
            columnLoops.run(compiled, x, from, index, start, count, inBytes, y, to, resultStride);
            return;
        }
        for (int i = 0; i < count; i++) {
            runs(compiled, x, from + index[start + i] * inBytes, y, to + i * resultStride);
        }
    }

    /** Resizes the columns of rows in scratch memory, the first of which is at its start. */
    private void columnsOfScratch(boolean compiled, MemorySegment scratch, int count, MemorySegment y, long to) {
        if (columnLoops != null) {
            columnLoops.run(compiled, scratch, 0, IDENTITY, 0, count, scratchStride, y, to, resultStride);
            return;
        }
        for (int i = 0; i < count; i++) {
            runs(compiled, scratch, i * scratchStride, y, to + i * resultStride);
        }
    }

    /** Resizes the columns of one row, if they are runs of at least a vector. */
    private void runs(boolean compiled, MemorySegment x, long row, MemorySegment y, long to) {
        runLoops.run(compiled, x, row, runBytes, 0, p.columns().output(), y, to, runBytes);
    }
}
