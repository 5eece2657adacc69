package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * Resizing along two axes, one after the other: some rows of the result are made of whole rows of the data in scratch memory
 * that the first-level cache holds, and their columns of those then. Where several elements move together and fill a vector,
 * columns are made as rows are, by {@link ResizeLines}, else by {@link ResizeLanes}. Planes whose rows do not fill vectors are
 * taken as one row each, if few enough vectors hold what a vector of them is made of. Sums of two rows
 * and two columns are made at once and need no scratch memory.
 *
 * <p>Moves of elements are bound by the memory. Sums of two taps take some four loads and a store for each vector of the
 * result where memory takes one of each, those of more taps as many more.
 */
public final class VectorResize implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;

    /**
     * Elements that are read, kept and written together, about: more lie in the first-level cache still, but what is read from
     * memory and what is written there then come in bursts, during which the other waits.
     */
    private static final int ELEMENTS = 2 << 10;

    private static final int MOST_ROWS = 64;

    /** The elements of the largest plane that is taken as a row. */
    private static final int SMALL_PLANE = 1 << 10;

    private static final int SMALL_PLANE_TAPS = 16;

    /** Which rows some rows are made of that are made of the one at their place. */
    private static final int[] SAME = new int[MOST_ROWS];

    static {
        for (int i = 0; i < MOST_ROWS; i++) {
            SAME[i] = i;
        }
    }

    private final ResizeProblem p;
    private final RowPartition split;

    /** How rows are made, null if each is the one at its place. */
    private final EvenTaps rows;

    /** Makes rows before columns are made; null if those are made of rows of the data. */
    private final ResizeLines lines;

    /** Makes columns of single elements, or null. */
    private final ResizeLanes lanes;

    /** Makes columns of elements that move together, or null. */
    private final ResizeLines runs;

    /** Rows of a plane; all are one plane where rows stay. */
    private final long inRows;

    private final long outRows;
    private final long inBytes;
    private final long outBytes;
    private final long runBytes;

    /** The distance of rows in scratch memory: of those that columns are made of, and of those of the result. */
    private final long keptPitch;

    private final long resultPitch;

    /** Whether rows of the result are made where they belong, or in scratch memory as more may be written. */
    private final boolean direct;

    /** Bytes that may be read behind a row of the data. */
    private final long beyond;

    /** Rows of the result that are made together. */
    private final int band;

    private final long resultsAt;
    private final Loops[] loops;

    /** Loops by the taps of an element. */
    private enum Loops {
        MOVES,
        PAIRS,
        SUMS;

        /** Whether they are compiled, asked for some parts. */
        boolean areCompiled(int parts) {
            return switch (this) {
                case MOVES -> ResizeWarmUps.RESIZE_MOVES.over(parts);
                case PAIRS -> ResizeWarmUps.RESIZE_PAIRS.over(parts);
                case SUMS -> ResizeWarmUps.RESIZE_SUMS.over(parts);
            };
        }
    }

    private VectorResize(ResizeProblem p) {
        this.p = p;
        int inner = p.inner();
        EvenTaps down = p.rows().isIdentity() ? null : EvenTaps.of(p.rows());
        EvenTaps across = p.columns().isIdentity() ? null : EvenTaps.of(p.columns());
        boolean together = inner >= LANES;
        int width = p.columns().input() * inner;
        EvenTaps single = across == null || together ? null : across.apart(inner);
        ResizeLanes apart = single == null ? null : new ResizeLanes(LaneSteps.of(single, width));
        ResizeLanes plane = plane(down, single, apart, width);
        boolean flat = plane != null;
        rows = flat ? null : down;
        lanes = flat ? plane : apart;
        runs = across != null && together ? new ResizeLines(across, inner) : null;
        lines = rows == null || rows.each() == 1 && across != null ? null : new ResizeLines(rows, width);
        long planes = p.outer() * (down == null ? p.rows().input() : 1);
        inRows = rows == null ? planes : p.rows().input();
        outRows = rows == null ? planes : p.rows().output();
        inBytes = (long) width * Float.BYTES * (flat ? p.rows().input() : 1);
        outBytes = (long) p.columns().output()
                * inner
                * Float.BYTES
                * (flat ? p.rows().output() : 1);
        runBytes = (long) inner * Float.BYTES;
        long least = lanes == null ? VECTOR : lanes.least();
        keptPitch = Math.max(inBytes, least);
        resultPitch = outBytes + VECTOR;
        direct = lanes == null ? outBytes >= VECTOR : lanes.steps().exact;
        beyond = Math.max(0, (lines == null ? least : VECTOR) - inBytes);
        long some = Math.clamp(ELEMENTS * Float.BYTES / (inBytes + outBytes), ResizeLanes.ROWS, MOST_ROWS);
        band = (int) some / ResizeLanes.ROWS * ResizeLanes.ROWS;
        resultsAt = lines == null || across == null ? 0 : band * keptPitch;
        split = RowPartition.of(rows == null ? planes : p.outer() * outRows, outBytes / Float.BYTES, PART_ELEMENTS);
        loops = loops(lines == null ? null : rows, flat ? plane.steps().taps : across);
    }

    /** The loops that take small planes as rows, or null if those of columns are as good or there are none. */
    private ResizeLanes plane(EvenTaps down, EvenTaps across, ResizeLanes loops, int width) {
        if (down == null
                || across == null
                || loops.steps().exact
                || p.outer() == 1
                || (long) down.output() * across.output() > SMALL_PLANE
                || (long) down.each() * across.each() > SMALL_PLANE_TAPS
                || (long) width * p.rows().input() > Integer.MAX_VALUE / Float.BYTES) {
            return null;
        }
        ResizeLanes plane = new ResizeLanes(
                LaneSteps.of(down.times(across, width), width * p.rows().input()));
        return plane.steps().exact ? plane : null;
    }

    private static Loops[] loops(EvenTaps first, EvenTaps second) {
        int least = Math.min(first == null ? Integer.MAX_VALUE : first.each(), second == null ? 2 : second.each());
        int most = Math.max(first == null ? 1 : first.each(), second == null ? 1 : second.each());
        return most == 1
                ? new Loops[] {Loops.MOVES}
                : most == 2
                        ? least == 1 ? new Loops[] {Loops.MOVES, Loops.PAIRS} : new Loops[] {Loops.PAIRS}
                        : new Loops[] {Loops.MOVES, Loops.PAIRS, Loops.SUMS};
    }

    /**
     * A kernel.
     *
     * @param p planes
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
        return split.parts();
    }

    @Override
    public long partNanos() {
        long taps = (long) p.rows().most() + p.columns().most();
        return 1 + split.maxPartRows() * (outBytes / Float.BYTES) * taps / LANES;
    }

    @Override
    public long scratchBytes() {
        return resultsAt + (direct ? 0 : band * resultPitch) + VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        boolean compiled = true;
        for (Loops each : loops) {
            compiled &= each.areCompiled(to - from);
        }
        run(compiled, operands, scratch, from, to);
    }

    /** The same by loops on vectors if they are compiled, else by plain ones with the same bits. */
    void run(boolean compiled, MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long end = split.start(to);
        for (long row = split.start(from); row < end; ) {
            int count = (int) Math.min(Math.min(band, outRows - row % outRows), end - row);
            band(compiled, operands, row, count, scratch);
            row += count;
        }
    }

    /** Makes neighbouring rows of the result of a plane. */
    private void band(boolean compiled, MemorySegment[] operands, long row, int count, MemorySegment scratch) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        long first = row % outRows;
        // Where rows stay, the first of them is taken for the first of a plane.
        long plane = rows == null ? row * inBytes : row / outRows * inRows * inBytes;
        long planeEnd = rows == null ? plane + count * inBytes : plane + inRows * inBytes;
        boolean within = compiled && planeEnd + beyond <= x.byteSize();
        MemorySegment target = direct ? y : scratch;
        long to = direct ? row * outBytes : resultsAt;
        long pitch = direct ? outBytes : resultPitch;
        if (lanes == null && runs == null) {
            whole(within, x, plane, (int) first, count, target, to, pitch);
        } else if (lines == null) {
            int[] index = rows == null ? SAME : rows.index();
            columns(within, x, plane, inBytes, index, rows == null ? 0 : (int) first, count, target, to, pitch);
        } else if (within && lanes != null && lanes.makesRows(rows)) {
            lanes.pairsOfPairs(rows, x, plane, (int) first, count, inBytes, target, to, pitch);
        } else if (within && runs != null && runs.makesRows(rows)) {
            runs.pairsOfPairs(rows, x, plane, inBytes, (int) first, count, target, to, pitch);
        } else {
            lines.make(within, x, plane, inBytes, (int) first, count, scratch, 0, keptPitch);
            columns(compiled, scratch, 0, keptPitch, SAME, 0, count, target, to, pitch);
        }
        for (int i = 0; i < count && !direct; i++) {
            MemorySegment.copy(scratch, resultsAt + i * resultPitch, y, (row + i) * outBytes, outBytes);
        }
    }

    /** Rows whose columns stay. */
    private void whole(
            boolean compiled, MemorySegment x, long from, int first, int count, MemorySegment y, long to, long pitch) {
        if (lines != null) {
            lines.make(compiled, x, from, inBytes, first, count, y, to, pitch);
            return;
        }
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(x, from + i * inBytes, y, to + i * pitch, outBytes);
        }
    }

    private void columns(
            boolean compiled,
            MemorySegment x,
            long from,
            long inPitch,
            int[] index,
            int first,
            int count,
            MemorySegment y,
            long to,
            long pitch) {
        if (lanes != null) {
            lanes.make(compiled, x, from, index, first, count, inPitch, y, to, pitch);
            return;
        }
        int columns = p.columns().output();
        for (int i = 0; i < count; i++) {
            long row = from + index[first + i] * inPitch;
            runs.make(compiled, x, row, runBytes, 0, columns, y, to + i * pitch, runBytes);
        }
    }
}
