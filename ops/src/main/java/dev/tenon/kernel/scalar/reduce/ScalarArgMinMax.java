package dev.tenon.kernel.scalar.reduce;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ArgMinMaxProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** ArgMax, ArgMin and Hardmax of float32 along any axis by plain loops. */
public final class ScalarArgMinMax implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_ELEMENTS = 16 << 10;

    private final ArgMinMaxProblem p;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarArgMinMax(ArgMinMaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer() * p.inner(), p.length(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "extreme_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.maxPartRows() * p.length();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long stride = p.inner() * Float.BYTES;
        for (long line = split.start(from); line < split.start(to); line++) {
            long at = (line / p.inner() * p.length() * p.inner() + line % p.inner()) * Float.BYTES;
            long index = index(operands[0], at, stride, p);
            if (p.oneHot()) {
                writeOneHot(operands[1], at, stride, index);
            } else {
                operands[1].set(I64, line * Long.BYTES, index);
            }
        }
    }

    private void writeOneHot(MemorySegment y, long at, long stride, long index) {
        for (long i = 0; i < p.length(); i++) {
            y.set(F32, at + i * stride, i == index ? 1 : 0);
        }
    }

    /**
     * The index of the greatest or least element of a line.
     *
     * @param x the memory of the line
     * @param at the byte offset of its first element
     * @param stride bytes from an element to the next
     * @param p the problem
     * @return the index within the line
     */
    public static long index(MemorySegment x, long at, long stride, ArgMinMaxProblem p) {
        long index = 0;
        float best = x.get(F32, at);
        for (long i = 1; i < p.length(); i++) {
            float v = x.get(F32, at + i * stride);
            if (isBetter(p.max() ? v : -v, p.max() ? best : -best, p.lastOfEqual())) {
                best = v;
                index = i;
            }
        }
        return index;
    }

    /** Whether v takes the place of the best element so far, which precedes it. */
    private static boolean isBetter(float v, float best, boolean lastOfEqual) {
        if (Float.isNaN(v)) {
            return lastOfEqual || !Float.isNaN(best);
        }
        return v > best || lastOfEqual && v == best;
    }
}
