package dev.tenon.kernel.vector.pool;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Maxima and averages of windows of float32 planes, row by row of windows: a vertical loop over the input rows, then a
 * horizontal loop, so that a window of r rows and c columns costs r + c operations instead of r times c. The horizontal loop
 * works as if the stride was 1; then every n-th result is copied. Rows in between are in scratch memory with their padding.
 */
public final class VectorPool implements Kernel {
    /** The vectors of a row between two looks at the budget: longer rows are computed in pieces. */
    private static final int VECTORS_PER_LOOK = 1024;

    private static final int ROWS_PER_LOOK = 64;

    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final long PART_WORK = 200_000;
    private static final int TAPS_PER_NANO = 20;

    private final PoolProblem p;
    private final PoolLoops loops;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final RowPartition partition;
    private final long lineBytes;

    /** The vectors of an input row, of positions with stride 1, and of results. */
    private final int inputVectors;

    private final int positionVectors;
    private final int resultVectors;

    /** For each window of a row the columns that an average counts. */
    private final float[] columnCounts;

    /** The offset in scratch memory of the input in a padded row. Windows reach the padding before it. */
    private final long inputOffset;

    /** The offsets of positions, of results, and of a copy of input rows whose vectors would reach beyond memory. */
    private final long positionsOffset;

    private final long resultsOffset;
    private final long copyOffset;

    private VectorPool(PoolProblem p) {
        this.p = p;
        loops = p.average() ? new AveragePoolLoops() : new MaxPoolLoops();
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        lineBytes = (long) columnAxis.input() * Float.BYTES;
        int width = columnAxis.output();
        int positions = (width - 1) * columnAxis.stride() + 1;
        inputVectors = Math.ceilDiv(columnAxis.input(), LANES);
        positionVectors = Math.ceilDiv(positions, LANES);
        resultVectors = Math.ceilDiv(width, LANES);
        columnCounts = new float[resultVectors * LANES];
        for (int i = 0; i < columnCounts.length; i++) {
            columnCounts[i] = i < width ? count(columnAxis, i) : 1;
        }
        inputOffset = Math.ceilDiv(columnAxis.padBegin(), LANES) * VECTOR;
        int reach = Math.ceilDiv((columnAxis.kernel() - 1) * columnAxis.dilation(), LANES);
        positionsOffset = inputOffset + Math.max(inputVectors, positionVectors + reach) * VECTOR;
        // Copies of every n-th position may read four vectors from the last one on.
        resultsOffset = positionsOffset + (positionVectors + 4L) * VECTOR;
        copyOffset = resultsOffset + resultVectors * VECTOR;
        partition = RowPartition.of(
                p.planes(),
                p.window().windows() * p.window().taps() + p.window().pixels(),
                PART_WORK);
    }

    /** The taps of a window along an axis that an average counts. */
    private int count(Window2d.Axis axis, int window) {
        return p.countPadding() ? axis.paddedTaps(window) : Math.max(0, axis.endTap(window) - axis.firstTap(window));
    }

    /**
     * The kernel of a problem.
     *
     * @param p the pooling
     * @return the kernel
     */
    public static Kernel of(PoolProblem p) {
        return new VectorPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        long work = p.window().windows() * (rowAxis.kernel() + columnAxis.kernel())
                + p.window().pixels();
        return 1 + partition.maxPartRows() * work / TAPS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        return copyOffset + (long) rowAxis.kernel() * inputVectors * VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        pad(scratch, 0, inputOffset);
        long rowBytes = (long) columnAxis.output() * Float.BYTES;
        for (long plane = partition.start(from); plane < partition.start(to); plane++) {
            for (int row = 0; row < rowAxis.output(); row++) {
                lookAfter(row);
                combineRows(operands[0], plane, row, scratch);
                long first = inputOffset - (long) columnAxis.padBegin() * Float.BYTES;
                long step = (long) columnAxis.dilation() * Float.BYTES;
                for (int v = 0; v < positionVectors; v += VECTORS_PER_LOOK) {
                    int vectors = Math.min(VECTORS_PER_LOOK, positionVectors - v);
                    long at = v * VECTOR;
                    look(v);
                    loops.horizontal(scratch, first + at, columnAxis.kernel(), step, vectors, positionsOffset + at);
                }
                StridedCopy.copy(
                        scratch, positionsOffset, columnAxis.stride(), scratch, resultsOffset, columnAxis.output());
                loops.finish(scratch, resultsOffset, resultVectors, columnCounts, count(rowAxis, row));
                long at = (plane * rowAxis.output() + row) * rowBytes;
                MemorySegment.copy(scratch, resultsOffset, operands[1], at, rowBytes);
            }
        }
    }

    /** Combines the input rows of a row of windows into a padded row at the start of scratch memory. */
    private void combineRows(MemorySegment x, long plane, int row, MemorySegment scratch) {
        int tap = rowAxis.firstTap(row);
        int taps = rowAxis.endTap(row) - tap;
        if (taps > 0) {
            long line = plane * rowAxis.input() + rowAxis.start(row) + (long) tap * rowAxis.dilation();
            long step = rowAxis.dilation() * lineBytes;
            long from = line * lineBytes;
            if (from + (taps - 1) * step + inputVectors * VECTOR <= x.byteSize()) {
                combineRows(x, from, taps, step, scratch);
            } else {
                for (int t = 0; t < taps; t++) {
                    MemorySegment.copy(
                            x, from + t * step, scratch, copyOffset + (long) t * inputVectors * VECTOR, lineBytes);
                }
                combineRows(scratch, copyOffset, taps, inputVectors * VECTOR, scratch);
            }
        }
        long end = inputOffset + (taps > 0 ? lineBytes : 0);
        pad(scratch, end, positionsOffset - end);
    }

    private void combineRows(MemorySegment rows, long from, int taps, long step, MemorySegment scratch) {
        for (int v = 0; v < inputVectors; v += VECTORS_PER_LOOK) {
            int vectors = Math.min(VECTORS_PER_LOOK, inputVectors - v);
            long at = v * VECTOR;
            look(v);
            loops.vertical(rows, from + at, taps, step, vectors, scratch, inputOffset + at);
        }
    }

    /** Looks at the budget if a row is one of those after which it is looked at. */
    private static void lookAfter(int row) {
        if (row % ROWS_PER_LOOK == ROWS_PER_LOOK - 1) {
            WorkBudget.check();
        }
    }

    /** Looks at the budget after some vectors of a row. */
    private static void look(int vectors) {
        if (vectors > 0) {
            WorkBudget.check();
        }
    }

    private void pad(MemorySegment scratch, long from, long bytes) {
        int padding = loops.padding();
        for (long at = from; at < from + bytes; at += Integer.BYTES) {
            scratch.set(BITS, at, padding);
        }
    }
}
