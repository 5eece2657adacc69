package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.SoftmaxProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax over contiguous rows of float32, in blocks of rows that stay in the first cache: the maxima of all rows of a
 * block, then the exponentials and their sums, then the scaling. What is left of a row behind its last full vector goes
 * through a vector in scratch memory, filled up with negative infinity, which changes neither maximum nor sum.
 *
 * <p>Each step is a loop over rows in a method of its own, and what passes from one to the next passes through scratch
 * memory: one method that held all of them would be too large for C2, and would box vectors.
 */
public final class VectorSoftmax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = F32.length();
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 15;

    private static final int BLOCK_ROWS = 32;
    private static final long BLOCK_ELEMENTS = 2048;

    // In scratch memory: the tail of each row, later its exponentials; the sum of each row, a vector; the maximum of
    // each row; the factor of each row, or the logarithm of its sum.
    private static final long SUMS = BLOCK_ROWS * STEP;
    private static final long MAXIMA = 2 * SUMS;
    private static final long FACTORS = MAXIMA + BLOCK_ROWS * Float.BYTES;
    private static final long SCRATCH = FACTORS + BLOCK_ROWS * Float.BYTES;

    private final SoftmaxProblem p;
    private final RowParts split;
    private final int block;
    private final long row;
    private final long body;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowParts.of(p.outer(), p.length(), PART_ELEMENTS);
        this.block = Math.clamp(BLOCK_ELEMENTS / Math.max(1, p.length()), 1, BLOCK_ROWS);
        this.row = p.length() * Float.BYTES;
        this.body = (p.length() - p.length() % LANES) * Float.BYTES;
    }

    /**
     * A kernel.
     *
     * @param p the rows, of inner 1; operands are input, output
     * @return the kernel
     */
    public static Kernel of(SoftmaxProblem p) {
        return new VectorSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public long scratchBytes() {
        return SCRATCH;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long last = split.start(to);
        for (long first = split.start(from); first < last; first += block) {
            int rows = (int) Math.min(block, last - first);
            softmax(operands[0], operands[1], first * row, rows, scratch);
        }
    }

    private void softmax(MemorySegment x, MemorySegment y, long at, int rows, MemorySegment scratch) {
        maxima(x, at, rows, scratch);
        if (body < row) {
            tailMaxima(x, at, rows, scratch);
            tailExponentials(rows, scratch);
        } else {
            clear(rows, scratch);
        }
        if (p.log()) {
            sumsOfExponentials(x, at, rows, scratch);
            logarithms(rows, scratch);
            subtract(x, y, at, rows, scratch);
        } else {
            exponentials(x, y, at, rows, scratch);
            factors(rows, scratch);
            scale(y, at, rows, scratch);
        }
    }

    /** NaN never is greater: it does not count for the maximum, and makes the sum NaN. */
    private void maxima(MemorySegment x, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            long i = at + r * row;
            long end = i + body;
            for (; i + 2 * STEP <= end; i += 2 * STEP) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, i, LE);
                FloatVector w = FloatVector.fromMemorySegment(F32, x, i + STEP, LE);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
                b = b.blend(w, w.compare(VectorOperators.GT, b));
            }
            if (i < end) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, i, LE);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
            }
            scratch.set(SCALAR, MAXIMA + (long) r * Float.BYTES, a.max(b).reduceLanes(VectorOperators.MAX));
        }
    }

    private void tailMaxima(MemorySegment x, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY).intoMemorySegment(scratch, r * STEP, LE);
            float max = scratch.get(SCALAR, MAXIMA + (long) r * Float.BYTES);
            long from = at + r * row;
            for (long i = body; i < row; i += Float.BYTES) {
                float v = x.get(SCALAR, from + i);
                scratch.set(SCALAR, r * STEP + i - body, v);
                max = v > max ? v : max;
            }
            scratch.set(SCALAR, MAXIMA + (long) r * Float.BYTES, max);
        }
    }

    private static void tailExponentials(int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            float max = scratch.get(SCALAR, MAXIMA + (long) r * Float.BYTES);
            FloatVector e = VectorMath.expUpToMax(
                    FloatVector.fromMemorySegment(F32, scratch, r * STEP, LE).sub(max));
            e.intoMemorySegment(scratch, r * STEP, LE);
            e.intoMemorySegment(scratch, SUMS + r * STEP, LE);
        }
    }

    private static void clear(int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            FloatVector.zero(F32).intoMemorySegment(scratch, SUMS + r * STEP, LE);
        }
    }

    private void exponentials(MemorySegment x, MemorySegment y, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            FloatVector max = FloatVector.broadcast(F32, scratch.get(SCALAR, MAXIMA + (long) r * Float.BYTES));
            FloatVector sum = FloatVector.fromMemorySegment(F32, scratch, SUMS + r * STEP, LE);
            long end = at + r * row + body;
            for (long i = at + r * row; i < end; i += STEP) {
                FloatVector e = VectorMath.expUpToMax(
                        FloatVector.fromMemorySegment(F32, x, i, LE).sub(max));
                e.intoMemorySegment(y, i, LE);
                sum = sum.add(e);
            }
            sum.intoMemorySegment(scratch, SUMS + r * STEP, LE);
        }
    }

    private void sumsOfExponentials(MemorySegment x, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            FloatVector max = FloatVector.broadcast(F32, scratch.get(SCALAR, MAXIMA + (long) r * Float.BYTES));
            FloatVector sum = FloatVector.fromMemorySegment(F32, scratch, SUMS + r * STEP, LE);
            long end = at + r * row + body;
            for (long i = at + r * row; i < end; i += STEP) {
                sum = sum.add(VectorMath.expUpToMax(
                        FloatVector.fromMemorySegment(F32, x, i, LE).sub(max)));
            }
            sum.intoMemorySegment(scratch, SUMS + r * STEP, LE);
        }
    }

    private static void factors(int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            double sum = Lanes.sum(scratch, SUMS + r * STEP);
            scratch.set(SCALAR, FACTORS + (long) r * Float.BYTES, (float) (1 / sum));
        }
    }

    private static void logarithms(int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            double sum = Lanes.sum(scratch, SUMS + r * STEP);
            scratch.set(SCALAR, FACTORS + (long) r * Float.BYTES, (float) Math.log(sum));
        }
    }

    private void scale(MemorySegment y, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            float factor = scratch.get(SCALAR, FACTORS + (long) r * Float.BYTES);
            FloatVector f = FloatVector.broadcast(F32, factor);
            long from = at + r * row;
            for (long i = 0; i < body; i += STEP) {
                FloatVector.fromMemorySegment(F32, y, from + i, LE).mul(f).intoMemorySegment(y, from + i, LE);
            }
            for (long i = body; i < row; i += Float.BYTES) {
                y.set(SCALAR, from + i, scratch.get(SCALAR, r * STEP + i - body) * factor);
            }
        }
    }

    private void subtract(MemorySegment x, MemorySegment y, long at, int rows, MemorySegment scratch) {
        for (int r = 0; r < rows; r++) {
            float max = scratch.get(SCALAR, MAXIMA + (long) r * Float.BYTES);
            float log = scratch.get(SCALAR, FACTORS + (long) r * Float.BYTES);
            FloatVector m = FloatVector.broadcast(F32, max);
            FloatVector l = FloatVector.broadcast(F32, log);
            long from = at + r * row;
            for (long i = 0; i < body; i += STEP) {
                FloatVector.fromMemorySegment(F32, x, from + i, LE)
                        .sub(m)
                        .sub(l)
                        .intoMemorySegment(y, from + i, LE);
            }
            for (long i = body; i < row; i += Float.BYTES) {
                y.set(SCALAR, from + i, x.get(SCALAR, from + i) - max - log);
            }
        }
    }
}
