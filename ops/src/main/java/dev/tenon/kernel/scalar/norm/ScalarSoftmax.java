package dev.tenon.kernel.scalar.norm;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Softmax of float32 along any axis by plain loops, computed in double. */
public final class ScalarSoftmax implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 4096;
    private static final long NANOS_PER_ELEMENT = 8;

    private final SoftmaxProblem p;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer() * p.inner(), p.length(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "softmax_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * p.length() * NANOS_PER_ELEMENT;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        softmax(operands[0], 0, operands[1], split.start(from), split.start(to));
    }

    @Override
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length() * p.inner();
    }

    @Override
    public long resultLength() {
        return p.length() * p.inner();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        softmax(x, xAt - first * rowLength() * Float.BYTES, y, first * p.inner(), last * p.inner());
    }

    /**
     * Computes a range of lines.
     *
     * @param xShift the offset of an element in x less the offset of its result in y, in bytes
     */
    private void softmax(MemorySegment x, long xShift, MemorySegment y, long from, long to) {
        long stride = p.inner() * Float.BYTES;
        for (long line = from; line < to; line++) {
            long at = (line / p.inner() * p.length() * p.inner() + line % p.inner()) * Float.BYTES;
            if (p.log()) {
                logSoftmax(x, at + xShift, y, at, stride, p.length());
            } else {
                softmax(x, at + xShift, y, at, stride, p.length());
            }
        }
    }

    private static float max(MemorySegment x, long at, long stride, long length) {
        float max = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < length; i++) {
            float v = x.get(F32, at + i * stride);
            max = v > max ? v : max;
        }
        return max;
    }

    private static void softmax(MemorySegment x, long xAt, MemorySegment y, long at, long stride, long length) {
        double max = max(x, xAt, stride, length);
        double sum = 0;
        for (long i = 0; i < length; i++) {
            double e = Math.exp(x.get(F32, xAt + i * stride) - max);
            y.set(F32, at + i * stride, (float) e);
            sum += e;
        }
        double factor = 1 / sum;
        for (long i = 0; i < length; i++) {
            y.set(F32, at + i * stride, (float) (y.get(F32, at + i * stride) * factor));
        }
    }

    private static void logSoftmax(MemorySegment x, long xAt, MemorySegment y, long at, long stride, long length) {
        double max = max(x, xAt, stride, length);
        double sum = 0;
        for (long i = 0; i < length; i++) {
            sum += Math.exp(x.get(F32, xAt + i * stride) - max);
        }
        double log = Math.log(sum);
        for (long i = 0; i < length; i++) {
            y.set(F32, at + i * stride, (float) (x.get(F32, xAt + i * stride) - max - log));
        }
    }
}
