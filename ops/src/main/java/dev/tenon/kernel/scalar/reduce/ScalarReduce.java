package dev.tenon.kernel.scalar.reduce;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.op.reduce.Reduction.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reductions of float32 by plain loops, one output after the other, computed in double. */
public final class ScalarReduce implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 16 << 10;

    /** The longest lines of which several are reduced at a time. */
    private static final long MAX_SHORT = 64;

    private static final int LINES = 4;

    private final ReduceProblem p;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarReduce(ReduceProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer() * p.columns(), p.elementsPerOutput(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "reduce_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.elementsPerOutput() * (p.kind() == Kind.LOG_SUM_EXP ? 10 : 1) + 5);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        reduce(operands[p.input()], 0, operands[p.output()], split.start(from), split.start(to));
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
        reduce(x, xAt - first * p.elementsPerOuter() * Float.BYTES, y, first * p.columns(), last * p.columns());
    }

    /**
     * Computes a range of outputs.
     *
     * @param base the byte offset of the first element of all data in x; negative if x holds only a part of the data
     */
    private void reduce(MemorySegment x, long base, MemorySegment y, long from, long to) {
        boolean contiguous = p.columns() == 1 && p.middle() == 1 && p.depth() <= MAX_SHORT;
        boolean squares = p.kind() == Kind.L2 || p.kind() == Kind.SUM_SQUARE;
        long next = from;
        if (contiguous && squares) {
            next = sumsOfSquares(x, base, y, from, to);
        } else if (contiguous && (p.kind() == Kind.SUM || p.kind() == Kind.MEAN || p.kind() == Kind.LOG_SUM)) {
            next = sums(x, base, y, from, to);
        }
        for (long i = next; i < to; i++) {
            long at = (i / p.columns() * p.middle() * p.columns() + i % p.columns()) * p.depth() * Float.BYTES;
            y.set(F32, i * Float.BYTES, (float) reduce(x, base + at));
        }
    }

    /**
     * Sums of short contiguous lines, four at a time, so that their chains of additions overlap. Returns the first that is
     * left.
     */
    private long sums(MemorySegment x, long base, MemorySegment y, long from, long to) {
        int n = (int) p.depth();
        long line = (long) n * Float.BYTES;
        long i = from;
        for (; i + LINES <= to; i += LINES) {
            long at = base + i * line;
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            for (int k = 0; k < n; k++) {
                long element = at + 4L * k;
                a += x.get(F32, element);
                b += x.get(F32, element + line);
                c += x.get(F32, element + 2 * line);
                d += x.get(F32, element + 3 * line);
            }
            finish(y, i, a, b, c, d);
        }
        return i;
    }

    /** As {@link #sums}, of squares. */
    private long sumsOfSquares(MemorySegment x, long base, MemorySegment y, long from, long to) {
        int n = (int) p.depth();
        long line = (long) n * Float.BYTES;
        long i = from;
        for (; i + LINES <= to; i += LINES) {
            long at = base + i * line;
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            for (int k = 0; k < n; k++) {
                long element = at + 4L * k;
                a += square(x.get(F32, element));
                b += square(x.get(F32, element + line));
                c += square(x.get(F32, element + 2 * line));
                d += square(x.get(F32, element + 3 * line));
            }
            finish(y, i, a, b, c, d);
        }
        return i;
    }

    private static double square(double v) {
        return v * v;
    }

    private void finish(MemorySegment y, long i, double a, double b, double c, double d) {
        y.set(F32, i * Float.BYTES, (float) p.finish(a));
        y.set(F32, (i + 1) * Float.BYTES, (float) p.finish(b));
        y.set(F32, (i + 2) * Float.BYTES, (float) p.finish(c));
        y.set(F32, (i + 3) * Float.BYTES, (float) p.finish(d));
    }

    private double reduce(MemorySegment x, long at) {
        return switch (p.kind()) {
            case SUM, MEAN, LOG_SUM -> p.finish(sum(x, at));
            case L1 -> sumOfAbsolutes(x, at);
            case L2, SUM_SQUARE -> p.finish(sumOfSquares(x, at));
            case PROD -> product(x, at);
            case MAX -> max(x, at);
            case MIN -> min(x, at);
            case LOG_SUM_EXP -> logSumExp(x, at);
        };
    }

    private long middleStride() {
        return p.columns() * p.depth() * Float.BYTES;
    }

    private double sum(MemorySegment x, long at) {
        double sum = 0;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                sum += x.get(F32, row + d * Float.BYTES);
            }
        }
        return sum;
    }

    private double sumOfAbsolutes(MemorySegment x, long at) {
        double sum = 0;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                sum += Math.abs(x.get(F32, row + d * Float.BYTES));
            }
        }
        return sum;
    }

    private double sumOfSquares(MemorySegment x, long at) {
        double sum = 0;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                double v = x.get(F32, row + d * Float.BYTES);
                sum += v * v;
            }
        }
        return sum;
    }

    private double product(MemorySegment x, long at) {
        double product = 1;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                product *= x.get(F32, row + d * Float.BYTES);
            }
        }
        return product;
    }

    private float max(MemorySegment x, long at) {
        float max = Float.NEGATIVE_INFINITY;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                max = Math.max(max, x.get(F32, row + d * Float.BYTES));
            }
        }
        return max;
    }

    private float min(MemorySegment x, long at) {
        float min = Float.POSITIVE_INFINITY;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                min = Math.min(min, x.get(F32, row + d * Float.BYTES));
            }
        }
        return min;
    }

    private double logSumExp(MemorySegment x, long at) {
        double max = max(x, at);
        double sum = 0;
        for (long m = 0; m < p.middle(); m++) {
            long row = at + m * middleStride();
            for (long d = 0; d < p.depth(); d++) {
                sum += Math.exp(x.get(F32, row + d * Float.BYTES) - max);
            }
        }
        return ReduceProblem.logSumExp(max, sum);
    }
}
