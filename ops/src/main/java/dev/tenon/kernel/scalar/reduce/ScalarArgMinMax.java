package dev.tenon.kernel.scalar.reduce;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ArgMinMaxProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The places of extremes of lines of float32 along any axis, by plain loops. */
public final class ScalarArgMinMax implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_ELEMENTS = 16 << 10;

    private final ArgMinMaxProblem p;
    private final RowPartition split;

    /**
     * A kernel.
     *
     * @param p the lines; operands are input, output
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
        return 1 + split.most() * p.length();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long stride = p.inner() * Float.BYTES;
        for (long line = split.start(from); line < split.start(to); line++) {
            long at = (line / p.inner() * p.length() * p.inner() + line % p.inner()) * Float.BYTES;
            long place = place(operands[0], at, stride, p);
            if (p.mark()) {
                mark(operands[1], at, stride, place);
            } else {
                operands[1].set(I64, line * Long.BYTES, place);
            }
        }
    }

    private void mark(MemorySegment y, long at, long stride, long place) {
        for (long i = 0; i < p.length(); i++) {
            y.set(F32, at + i * stride, i == place ? 1 : 0);
        }
    }

    /**
     * The index of the extreme of a line.
     *
     * @param x holds the line
     * @param at the byte of its first element
     * @param stride bytes from an element to the next
     * @param p the line's length, and which extreme
     * @return the index
     */
    public static long place(MemorySegment x, long at, long stride, ArgMinMaxProblem p) {
        long place = 0;
        float best = x.get(F32, at);
        for (long i = 1; i < p.length(); i++) {
            float v = x.get(F32, at + i * stride);
            if (wins(p.greatest() ? v : -v, p.greatest() ? best : -best, p.last())) {
                best = v;
                place = i;
            }
        }
        return place;
    }

    private static boolean wins(float v, float best, boolean equals) {
        if (Float.isNaN(v)) {
            return equals || !Float.isNaN(best);
        }
        return v > best || equals && v == best;
    }
}
