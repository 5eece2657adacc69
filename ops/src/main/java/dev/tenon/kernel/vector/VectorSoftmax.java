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
 * Softmax over contiguous rows of float32, a row at a time, so that it stays in the first cache: its maximum, then the
 * exponentials and their sum, then the scaling. What is left of a row behind the last full vector goes through a vector
 * in scratch memory, filled up with negative infinity, which changes neither maximum nor sum.
 */
public final class VectorSoftmax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = F32.length();
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 20;
    private static final long TAIL = Lanes.BYTES;

    private final SoftmaxProblem p;
    private final RowParts split;
    private final long body;
    private final int tail;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowParts.of(p.outer(), p.length(), PART_ELEMENTS);
        this.tail = (int) (p.length() % LANES);
        this.body = (p.length() - tail) * Float.BYTES;
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
        return TAIL + Lanes.BYTES;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[1];
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * p.length() * Float.BYTES;
            float max = max(x, at, at + body);
            if (tail > 0) {
                max = loadTail(x, at + body, scratch, max);
            }
            double sum = tail > 0 ? exponentialsOfTail(scratch, max) : 0;
            if (p.log()) {
                sum += sumOfExponentials(x, at, at + body, scratch, max);
                float log = (float) Math.log(sum);
                if (tail > 0) {
                    logTail(x, y, at + body, max, log);
                }
                subtract(x, y, at, at + body, max, log);
            } else {
                sum += exponentials(x, y, at, at + body, scratch, max);
                float factor = (float) (1 / sum);
                scale(y, at, at + body, factor);
                storeTail(y, at + body, scratch, factor);
            }
        }
    }

    private static FloatVector greater(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }

    private static float max(MemorySegment x, long from, long to) {
        if (from == to) {
            return Float.NEGATIVE_INFINITY;
        }
        FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        long at = from;
        for (; at + 2 * STEP <= to; at += 2 * STEP) {
            a = greater(a, FloatVector.fromMemorySegment(F32, x, at, LE));
            b = greater(b, FloatVector.fromMemorySegment(F32, x, at + STEP, LE));
        }
        if (at < to) {
            a = greater(a, FloatVector.fromMemorySegment(F32, x, at, LE));
        }
        return greater(a, b).reduceLanes(VectorOperators.MAX);
    }

    private float loadTail(MemorySegment x, long at, MemorySegment scratch, float max) {
        FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY).intoMemorySegment(scratch, 0, LE);
        float result = max;
        for (int i = 0; i < tail; i++) {
            float v = x.get(SCALAR, at + (long) i * Float.BYTES);
            scratch.set(SCALAR, (long) i * Float.BYTES, v);
            result = v > result ? v : result;
        }
        return result;
    }

    /** Leaves the exponentials in the scratch memory. */
    private static double exponentialsOfTail(MemorySegment scratch, float max) {
        FloatVector e = VectorMath.expUpToMax(
                FloatVector.fromMemorySegment(F32, scratch, 0, LE).sub(max));
        e.intoMemorySegment(scratch, 0, LE);
        return Lanes.sum(e, scratch, TAIL);
    }

    private static double exponentials(
            MemorySegment x, MemorySegment y, long from, long to, MemorySegment scratch, float max) {
        FloatVector m = FloatVector.broadcast(F32, max);
        FloatVector sum = FloatVector.zero(F32);
        for (long at = from; at < to; at += STEP) {
            FloatVector e = VectorMath.expUpToMax(
                    FloatVector.fromMemorySegment(F32, x, at, LE).sub(m));
            e.intoMemorySegment(y, at, LE);
            sum = sum.add(e);
        }
        return Lanes.sum(sum, scratch, TAIL);
    }

    private static double sumOfExponentials(MemorySegment x, long from, long to, MemorySegment scratch, float max) {
        FloatVector m = FloatVector.broadcast(F32, max);
        FloatVector sum = FloatVector.zero(F32);
        for (long at = from; at < to; at += STEP) {
            sum = sum.add(VectorMath.expUpToMax(
                    FloatVector.fromMemorySegment(F32, x, at, LE).sub(m)));
        }
        return Lanes.sum(sum, scratch, TAIL);
    }

    private static void scale(MemorySegment y, long from, long to, float factor) {
        FloatVector f = FloatVector.broadcast(F32, factor);
        for (long at = from; at < to; at += STEP) {
            FloatVector.fromMemorySegment(F32, y, at, LE).mul(f).intoMemorySegment(y, at, LE);
        }
    }

    private void storeTail(MemorySegment y, long at, MemorySegment scratch, float factor) {
        for (int i = 0; i < tail; i++) {
            long offset = (long) i * Float.BYTES;
            y.set(SCALAR, at + offset, scratch.get(SCALAR, offset) * factor);
        }
    }

    private static void subtract(MemorySegment x, MemorySegment y, long from, long to, float max, float log) {
        FloatVector m = FloatVector.broadcast(F32, max);
        FloatVector l = FloatVector.broadcast(F32, log);
        for (long at = from; at < to; at += STEP) {
            FloatVector.fromMemorySegment(F32, x, at, LE).sub(m).sub(l).intoMemorySegment(y, at, LE);
        }
    }

    private void logTail(MemorySegment x, MemorySegment y, long at, float max, float log) {
        for (int i = 0; i < tail; i++) {
            long offset = at + (long) i * Float.BYTES;
            y.set(SCALAR, offset, x.get(SCALAR, offset) - max - log);
        }
    }
}
