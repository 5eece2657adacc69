package dev.tenon.kernel.vector.reduce;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.kernel.reduce.ReduceProblem.Kind;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reductions of float32 by vectors: along contiguous runs where the last dimension is reduced, across columns where it is
 * kept. Sums are cut into blocks whose totals are added in double (runs) or one after the other (columns), so that chains
 * of roundings are short. Sums and means of many short runs are {@link ShortSums}. Products are made in double, in many
 * chains where none can leave the range of normal numbers.
 */
public final class VectorReduce implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final long PART_ELEMENTS = 128 << 10;
    private static final long COLUMN_BLOCK = ColumnReductions.MOST;
    private static final long ROW_BLOCK = 128;
    private static final long ELEMENTS_PER_NANO = 10;
    private static final long EXPONENTIALS_PER_NANO = 2;
    private static final long OUTPUT_NANOS = 20;

    private final ReduceProblem p;
    private final boolean runs;
    private final boolean brief;
    private final long blocks;
    private final RowPartition split;
    /** What takes a row of columns in. */
    private final int loop;

    private VectorReduce(ReduceProblem p) {
        this.p = p;
        this.runs = p.depth() > 1 || p.columns() == 1;
        this.brief = runs
                && p.middle() == 1
                && p.depth() <= ShortSums.MOST
                && (p.kind() == Kind.SUM || p.kind() == Kind.MEAN);
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
        this.split = runs
                ? RowPartition.of(p.outer() * p.columns(), p.group(), PART_ELEMENTS)
                : RowPartition.of(p.outer() * blocks, p.middle() * Math.min(p.columns(), COLUMN_BLOCK), PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the reduction, of at least one element for each output
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
        long outputs = runs ? split.most() : split.most() * Math.min(p.columns(), COLUMN_BLOCK);
        long rate = p.kind() == Kind.LOG_SUM_EXP ? EXPONENTIALS_PER_NANO : ELEMENTS_PER_NANO;
        return outputs * p.group() / rate + split.most() * OUTPUT_NANOS;
    }

    @Override
    public long scratchBytes() {
        if (brief) {
            return ShortSums.scratchBytes(p.depth());
        }
        return runs ? 2 * LaneSums.BYTES : COLUMN_BLOCK * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        reduce(operands[p.input()], 0, operands[p.output()], split.start(from), split.start(to), scratch);
    }

    @Override
    public long lines() {
        return p.outer();
    }

    @Override
    public long elements() {
        return p.line();
    }

    @Override
    public long results() {
        return p.columns();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        long rows = runs ? p.columns() : blocks;
        reduce(x, xAt - first * p.line() * Float.BYTES, y, first * rows, last * rows, scratch);
    }

    /** Computes some rows of outputs from data of which the first element of all would lie at a byte. */
    private void reduce(MemorySegment x, long base, MemorySegment y, long from, long to, MemorySegment scratch) {
        if (brief) {
            float divisor = p.kind() == Kind.MEAN ? (float) p.depth() : 1;
            ShortSums.sums(x, base, (int) p.depth(), divisor, from, to, y, scratch);
            return;
        }
        for (long i = from; i < to; i++) {
            if (runs) {
                y.set(F32, i * Float.BYTES, (float) reduceRuns(x, base, i, scratch));
            } else {
                reduceColumns(x, base, y, i / blocks, i % blocks * COLUMN_BLOCK, scratch);
            }
        }
    }

    private double reduceRuns(MemorySegment x, long base, long output, MemorySegment scratch) {
        long at = base
                + (output / p.columns() * p.middle() * p.columns() + output % p.columns()) * p.depth() * Float.BYTES;
        long stride = p.columns() * p.depth() * Float.BYTES;
        if (p.kind() == Kind.LOG_SUM_EXP) {
            return logOfSumOfExp(x, at, stride, scratch);
        }
        if (p.kind() == Kind.PROD && !staysNormal(x, at, stride, scratch)) {
            return productInOrder(x, at, stride);
        }
        double result = run(x, at, scratch);
        for (long m = 1; m < p.middle(); m++) {
            double next = run(x, at + m * stride, scratch);
            result = switch (p.kind()) {
                case MAX -> Math.max(result, next);
                case MIN -> Math.min(result, next);
                case PROD -> result * next;
                default -> result + next;
            };
        }
        return p.finish(result);
    }

    /** Whether no product of any of the elements can leave the normal numbers of double, so that their order counts little. */
    private boolean staysNormal(MemorySegment x, long at, long stride, MemorySegment scratch) {
        long octaves = 0;
        for (long m = 0; m < p.middle() && octaves <= Double.MAX_EXPONENT; m++) {
            octaves = Math.max(octaves, RowReductions.octaves(x, at + m * stride, p.depth(), scratch));
        }
        return octaves <= -Double.MIN_EXPONENT / p.group();
    }

    /** The product of one element after the other. */
    private double productInOrder(MemorySegment x, long at, long stride) {
        double result = 1;
        for (long m = 0; m < p.middle(); m++) {
            result = RowReductions.productInOrder(x, at + m * stride, p.depth(), result);
        }
        return result;
    }

    private double logOfSumOfExp(MemorySegment x, long at, long stride, MemorySegment scratch) {
        float max = Float.NEGATIVE_INFINITY;
        for (long m = 0; m < p.middle(); m++) {
            max = Math.max(max, RowReductions.max(x, at + m * stride, p.depth()));
        }
        double sum = 0;
        for (long m = 0; m < p.middle() && Float.isFinite(max); m++) {
            sum += RowReductions.sumOfExponentials(x, at + m * stride, p.depth(), max, scratch);
        }
        return ReduceProblem.logOfSumOfExp(max, sum);
    }

    private double run(MemorySegment x, long at, MemorySegment scratch) {
        return switch (p.kind()) {
            case L1 -> RowReductions.sumOfAbsolutes(x, at, p.depth(), scratch);
            case L2, SUM_SQUARE -> RowReductions.sumOfSquares(x, at, p.depth(), scratch);
            case MAX -> RowReductions.max(x, at, p.depth());
            case MIN -> RowReductions.min(x, at, p.depth());
            case PROD -> RowReductions.product(x, at, p.depth(), scratch);
            default -> RowReductions.sum(x, at, p.depth(), scratch);
        };
    }

    private void reduceColumns(
            MemorySegment x, long base, MemorySegment y, long outer, long column, MemorySegment scratch) {
        int columns = (int) Math.min(COLUMN_BLOCK, p.columns() - column);
        long at = base + (outer * p.middle() * p.columns() + column) * Float.BYTES;
        long to = (outer * p.columns() + column) * Float.BYTES;
        long stride = p.columns() * Float.BYTES;
        long bytes = (long) columns * Float.BYTES;
        if (p.kind() == Kind.MAX || p.kind() == Kind.MIN) {
            MemorySegment.copy(x, at, y, to, bytes);
            takeIn(loop, x, at + stride, stride, p.middle() - 1, y, to, columns);
            return;
        }
        if (p.kind() == Kind.PROD) {
            multiplyRows(x, at, stride, y, to, columns, scratch);
            return;
        }
        if (p.kind() == Kind.LOG_SUM_EXP) {
            MemorySegment.copy(x, at, scratch, ColumnReductions.TO_MAXIMA, bytes);
            takeIn(
                    ColumnReductions.MAX,
                    x,
                    at + stride,
                    stride,
                    p.middle() - 1,
                    scratch,
                    ColumnReductions.TO_MAXIMA,
                    columns);
        }
        fill(y, to, columns);
        for (long row = 0; row < p.middle(); row += ROW_BLOCK) {
            fill(scratch, 0, columns);
            long rows = Math.min(ROW_BLOCK, p.middle() - row);
            takeIn(loop, x, at + row * stride, stride, rows, scratch, 0, columns);
            ColumnReductions.run(ColumnReductions.ADD, scratch, 0, y, to, columns);
        }
        finish(y, to, columns, scratch);
    }

    private void multiplyRows(
            MemorySegment x, long at, long stride, MemorySegment y, long to, int columns, MemorySegment scratch) {
        for (int i = 0; i < columns; i++) {
            scratch.set(F64, (long) i * Double.BYTES, 1);
        }
        takeIn(loop, x, at, stride, p.middle(), scratch, 0, columns);
        for (int i = 0; i < columns; i++) {
            y.set(F32, to + (long) i * Float.BYTES, (float) scratch.get(F64, (long) i * Double.BYTES));
        }
    }

    private static void fill(MemorySegment y, long to, int columns) {
        for (int i = 0; i < columns; i++) {
            y.set(F32, to + (long) i * Float.BYTES, 0f);
        }
    }

    /** Takes rows in. */
    private static void takeIn(
            int loop, MemorySegment x, long at, long stride, long rows, MemorySegment y, long to, int columns) {
        for (long row = 0; row < rows; row++) {
            ColumnReductions.run(loop, x, at + row * stride, y, to, columns);
        }
    }

    private void finish(MemorySegment y, long to, int columns, MemorySegment scratch) {
        if (p.kind() == Kind.LOG_SUM_EXP) {
            for (int i = 0; i < columns; i++) {
                long at = to + (long) i * Float.BYTES;
                double sum = y.get(F32, at) * VectorMath.UNLIFT;
                float max = scratch.get(F32, ColumnReductions.TO_MAXIMA + (long) i * Float.BYTES);
                y.set(F32, at, (float) ReduceProblem.logOfSumOfExp(max, sum));
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
