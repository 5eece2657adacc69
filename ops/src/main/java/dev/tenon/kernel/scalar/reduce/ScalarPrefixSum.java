package dev.tenon.kernel.scalar.reduce;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.PrefixSumProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Prefix sums of float32 along any axis by plain loops, computed in double. */
public final class ScalarPrefixSum implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 16 << 10;

    private final PrefixSumProblem p;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarPrefixSum(PrefixSumProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer() * p.inner(), p.length(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "prefix_sum_f32_scalar";
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
        for (long line = split.start(from); line < split.start(to); line++) {
            long first = line / p.inner() * p.length() * p.inner() + line % p.inner();
            line(operands[0], operands[2], first * Float.BYTES, p);
        }
    }

    /**
     * Computes a line.
     *
     * @param x the memory of the elements
     * @param y the memory of the sums
     * @param at the byte offset of the first element of the line in both
     * @param p the problem
     */
    public static void line(MemorySegment x, MemorySegment y, long at, PrefixSumProblem p) {
        double sum = 0;
        for (long i = 0; i < p.length(); i++) {
            long place = at + (p.reverse() ? p.length() - 1 - i : i) * p.inner() * Float.BYTES;
            double before = sum;
            sum += x.get(F32, place);
            y.set(F32, place, (float) (p.exclusive() ? before : sum));
        }
    }
}
