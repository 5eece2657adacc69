package dev.tenon.kernel.vector.reduce;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.op.reduce.Reduction.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reductions of float32 by vectors. If the last dimension is reduced, {@link RowReductions} reduce contiguous rows. If the last
 * dimension is kept, {@link ColumnReductions} reduce columns.
 *
 * <p>Rounding errors of long sums would add up, so sums are cut into blocks of fixed length. Products are computed in
 * double. A product changes its order of factors only if no partial product can leave the range of normal numbers.
 */
public final class VectorReduce implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final long PART_ELEMENTS = 128 << 10;
    private static final long COLUMN_BLOCK = ColumnReductions.MAX_COLUMNS;
    private static final long ROW_BLOCK = 128;
    private static final long ELEMENTS_PER_NANO = 10;
    private static final long EXPONENTIALS_PER_NANO = 2;
    private static final long OUTPUT_NANOS = 20;

    private final ReduceProblem p;

    /** Whether contiguous rows are reduced; otherwise columns are. */
    private final boolean reducesRows;

    /** Blocks of columns of an outer index. */
    private final long blocks;

    /** The loop of {@link ColumnReductions} for this kind. */
    private final int loop;

    private final RowPartition split;

    private VectorReduce(ReduceProblem p) {
        this.p = p;
        this.reducesRows = p.depth() > 1 || p.columns() == 1;
        this.loop = switch (p.kind()) {
            case L1 -> ColumnReductions.ADD_ABSOLUTES;
            case L2, SUM_SQUARE -> ColumnReductions.ADD_SQUARES;
            case MAX -> ColumnReductions.MAX;
            case MIN -> ColumnReductions.MIN;
            case LOG_SUM_EXP -> ColumnReductions.ADD_EXPONENTIALS;
            case PROD -> ColumnReductions.MULTIPLY;
            default -> ColumnReductions.ADD;
        };
        this.blocks = Math.ceilDiv(p.columns(), COLUMN_BLOCK);
        this.split = reducesRows
                ? RowPartition.of(p.outer() * p.columns(), p.elementsPerOutput(), PART_ELEMENTS)
                : RowPartition.of(p.outer() * blocks, p.middle() * Math.min(p.columns(), COLUMN_BLOCK), PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with at least one element for each output
     * @return the kernel
     */
    public static RowKernel of(ReduceProblem p) {
        return new VectorReduce(p);
    }

    @Override
    public String id() {
        return "reduce_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        long outputs = reducesRows ? split.maxPartRows() : split.maxPartRows() * Math.min(p.columns(), COLUMN_BLOCK);
        long rate = p.kind() == Kind.LOG_SUM_EXP ? EXPONENTIALS_PER_NANO : ELEMENTS_PER_NANO;
        return outputs * p.elementsPerOutput() / rate + split.maxPartRows() * OUTPUT_NANOS;
    }

    @Override
    public long scratchBytes() {
        return reducesRows ? 2 * LaneSums.BYTES : COLUMN_BLOCK * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        reduce(operands[p.input()], 0, operands[p.output()], split.start(from), split.start(to), scratch);
    }

    @Override
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.elementsPerOuter();
    }

    @Override
    public long resultLength() {
        return p.columns();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        long units = reducesRows ? p.columns() : blocks;
        reduce(x, xAt - first * p.elementsPerOuter() * Float.BYTES, y, first * units, last * units, scratch);
    }

    /**
     * Computes a range of units: a unit is an output, or a block of columns if columns are reduced.
     *
     * @param base the byte offset of the first element of all data in x; negative if x holds only a part of the data
     */
    private void reduce(MemorySegment x, long base, MemorySegment y, long from, long to, MemorySegment scratch) {
        for (long i = from; i < to; i++) {
            if (reducesRows) {
                y.set(F32, i * Float.BYTES, (float) reduceRows(x, base, i, scratch));
            } else {
                reduceColumns(x, base, y, i / blocks, i % blocks * COLUMN_BLOCK, scratch);
            }
        }
    }

    /** Computes an output from the rows that belong to it, one for each index of the middle dimension. */
    private double reduceRows(MemorySegment x, long base, long output, MemorySegment scratch) {
        long at = base
                + (output / p.columns() * p.middle() * p.columns() + output % p.columns()) * p.depth() * Float.BYTES;
        long stride = p.columns() * p.depth() * Float.BYTES;
        if (p.kind() == Kind.LOG_SUM_EXP) {
            return logSumExp(x, at, stride, scratch);
        }
        if (p.kind() == Kind.PROD && !staysNormal(x, at, stride, scratch)) {
            return productInOrder(x, at, stride);
        }
        double result = reduceRow(x, at, scratch);
        for (long m = 1; m < p.middle(); m++) {
            double next = reduceRow(x, at + m * stride, scratch);
            result = switch (p.kind()) {
                case MAX -> Math.max(result, next);
                case MIN -> Math.min(result, next);
                case PROD -> result * next;
                default -> result + next;
            };
        }
        return p.finish(result);
    }

    /**
     * Whether no product of any of the elements can leave the range of normal doubles, so that their order matters
     * little.
     */
    private boolean staysNormal(MemorySegment x, long at, long stride, MemorySegment scratch) {
        long exponent = 0;
        for (long m = 0; m < p.middle() && exponent <= Double.MAX_EXPONENT; m++) {
            exponent = Math.max(exponent, RowReductions.maxExponent(x, at + m * stride, p.depth(), scratch));
        }
        return exponent <= -Double.MIN_EXPONENT / p.elementsPerOutput();
    }

    /** Multiplies the elements in their order. */
    private double productInOrder(MemorySegment x, long at, long stride) {
        double result = 1;
        for (long m = 0; m < p.middle(); m++) {
            result = RowReductions.productInOrder(x, at + m * stride, p.depth(), result);
        }
        return result;
    }

    private double logSumExp(MemorySegment x, long at, long stride, MemorySegment scratch) {
        float max = Float.NEGATIVE_INFINITY;
        for (long m = 0; m < p.middle(); m++) {
            max = Math.max(max, RowReductions.max(x, at + m * stride, p.depth()));
        }
        double sum = 0;
        for (long m = 0; m < p.middle() && Float.isFinite(max); m++) {
            sum += RowReductions.sumOfExponentials(x, at + m * stride, p.depth(), max, scratch);
        }
        return ReduceProblem.logSumExp(max, sum);
    }

    private double reduceRow(MemorySegment x, long at, MemorySegment scratch) {
        return switch (p.kind()) {
            case L1 -> RowReductions.sumOfAbsolutes(x, at, p.depth(), scratch);
            case L2, SUM_SQUARE -> RowReductions.sumOfSquares(x, at, p.depth(), scratch);
            case MAX -> RowReductions.max(x, at, p.depth());
            case MIN -> RowReductions.min(x, at, p.depth());
            case PROD -> RowReductions.product(x, at, p.depth(), scratch);
            default -> RowReductions.sum(x, at, p.depth(), scratch);
        };
    }

    /** Computes the outputs of a block of columns. */
    private void reduceColumns(
            MemorySegment x, long base, MemorySegment y, long outer, long column, MemorySegment scratch) {
        int columns = (int) Math.min(COLUMN_BLOCK, p.columns() - column);
        long at = base + (outer * p.middle() * p.columns() + column) * Float.BYTES;
        long to = (outer * p.columns() + column) * Float.BYTES;
        long stride = p.columns() * Float.BYTES;
        long bytes = (long) columns * Float.BYTES;
        if (p.kind() == Kind.MAX || p.kind() == Kind.MIN) {
            MemorySegment.copy(x, at, y, to, bytes);
            accumulate(loop, x, at + stride, p.middle() - 1, y, to, columns);
            return;
        }
        if (p.kind() == Kind.PROD) {
            multiplyRows(x, at, y, to, columns, scratch);
            return;
        }
        if (p.kind() == Kind.LOG_SUM_EXP) {
            long maxima = ColumnReductions.MAXIMA_OFFSET;
            MemorySegment.copy(x, at, scratch, maxima, bytes);
            accumulate(ColumnReductions.MAX, x, at + stride, p.middle() - 1, scratch, maxima, columns);
        }
        fill(y, to, columns);
        for (long row = 0; row < p.middle(); row += ROW_BLOCK) {
            fill(scratch, 0, columns);
            long rows = Math.min(ROW_BLOCK, p.middle() - row);
            accumulate(loop, x, at + row * stride, rows, scratch, 0, columns);
            ColumnReductions.run(ColumnReductions.ADD, scratch, 0, y, to, columns);
        }
        finish(y, to, columns, scratch);
    }

    private void multiplyRows(MemorySegment x, long at, MemorySegment y, long to, int columns, MemorySegment scratch) {
        for (int i = 0; i < columns; i++) {
            scratch.set(F64, (long) i * Double.BYTES, 1);
        }
        accumulate(loop, x, at, p.middle(), scratch, 0, columns);
        for (int i = 0; i < columns; i++) {
            y.set(F32, to + (long) i * Float.BYTES, (float) scratch.get(F64, (long) i * Double.BYTES));
        }
    }

    private static void fill(MemorySegment y, long to, int columns) {
        for (int i = 0; i < columns; i++) {
            y.set(F32, to + (long) i * Float.BYTES, 0f);
        }
    }

    /** Combines the rows of a block of columns with a row of accumulators. */
    private void accumulate(int operation, MemorySegment x, long at, long rows, MemorySegment y, long to, int columns) {
        long stride = p.columns() * Float.BYTES;
        for (long row = 0; row < rows; row++) {
            ColumnReductions.run(operation, x, at + row * stride, y, to, columns);
        }
    }

    /** Computes the outputs of a block of columns from their sums. */
    private void finish(MemorySegment y, long to, int columns, MemorySegment scratch) {
        if (p.kind() == Kind.LOG_SUM_EXP) {
            for (int i = 0; i < columns; i++) {
                long at = to + (long) i * Float.BYTES;
                double sum = y.get(F32, at) * VectorMath.UNSCALE;
                float max = scratch.get(F32, ColumnReductions.MAXIMA_OFFSET + (long) i * Float.BYTES);
                y.set(F32, at, (float) ReduceProblem.logSumExp(max, sum));
            }
            return;
        }
        if (p.kind() != Kind.MEAN && p.kind() != Kind.L2 && p.kind() != Kind.LOG_SUM) {
            return;
        }
        for (int i = 0; i < columns; i++) {
            long at = to + (long) i * Float.BYTES;
            y.set(F32, at, (float) p.finish(y.get(F32, at)));
        }
    }
}
