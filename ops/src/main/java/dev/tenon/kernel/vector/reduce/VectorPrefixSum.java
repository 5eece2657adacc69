package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.PrefixSumProblem;
import dev.tenon.kernel.scalar.reduce.ScalarPrefixSum;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums of all elements up to each one along contiguous rows of float32. The sums within a vector take the logarithm of its
 * lanes of shuffles and additions; those of all vectors before it are added up in double. Sums that leave the element itself
 * out are those of the row without its last element, stored an element farther. Rows in which a sum leaves the range of
 * numbers are left to plain loops.
 *
 * <p>The limit is the shuffles, some three times as slow as a copy within the second-level cache.
 */
public final class VectorPrefixSum implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = LaneSums.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 20;

    private final PrefixSumProblem p;
    private final RowPartition split;

    /** Shuffles that put in each lane what lies some lanes before or behind it, and the lanes for which it is there. */
    private static final class Shifts {
        private static final VectorShuffle<Float> UP_1 = shift(-1);
        private static final VectorShuffle<Float> UP_2 = shift(-2);
        private static final VectorShuffle<Float> UP_4 = shift(-4);
        private static final VectorShuffle<Float> UP_8 = shift(-8);
        private static final VectorShuffle<Float> DOWN_1 = shift(1);
        private static final VectorShuffle<Float> DOWN_2 = shift(2);
        private static final VectorShuffle<Float> DOWN_4 = shift(4);
        private static final VectorShuffle<Float> DOWN_8 = shift(8);
        private static final VectorMask<Float> FROM_1 = from(1);
        private static final VectorMask<Float> FROM_2 = from(2);
        private static final VectorMask<Float> FROM_4 = from(4);
        private static final VectorMask<Float> FROM_8 = from(8);
        private static final VectorMask<Float> BELOW_1 = from(LANES - 1).not();
        private static final VectorMask<Float> BELOW_2 = from(LANES - 2).not();
        private static final VectorMask<Float> BELOW_4 = from(LANES - 4).not();
        private static final VectorMask<Float> BELOW_8 = from(LANES - 8).not();

        private Shifts() {}

        private static VectorShuffle<Float> shift(int lanes) {
            return VectorShuffle.fromOp(F32, i -> (i + lanes) & (LANES - 1));
        }

        private static VectorMask<Float> from(int lane) {
            boolean[] bits = new boolean[LANES];
            for (int i = 0; i < LANES; i++) {
                bits[i] = i >= lane;
            }
            return VectorMask.fromValues(F32, bits);
        }
    }

    private VectorPrefixSum(PrefixSumProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the rows, of inner 1; operands are input, axis, output
     * @return the kernel
     */
    public static Kernel of(PrefixSumProblem p) {
        return new VectorPrefixSum(p);
    }

    @Override
    public String id() {
        return "prefix_sum_f32_vector" + SimdSpecies.BITS;
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
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long bytes = p.length() * Float.BYTES;
        for (long row = split.start(from); row < split.start(to); row++) {
            long at = row * bytes;
            boolean finite = p.reverse() ? reverse(x, y, at, bytes) : forward(x, y, at, bytes);
            if (!finite) {
                ScalarPrefixSum.line(x, y, at, p);
            }
        }
    }

    private boolean forward(MemorySegment x, MemorySegment y, long at, long bytes) {
        if (!p.exclusive()) {
            return up(x, at, bytes, y, at);
        }
        y.set(SCALAR, at, 0f);
        return up(x, at, bytes - Float.BYTES, y, at + Float.BYTES);
    }

    private boolean reverse(MemorySegment x, MemorySegment y, long at, long bytes) {
        if (!p.exclusive()) {
            return down(x, at, bytes, y, at);
        }
        y.set(SCALAR, at + bytes - Float.BYTES, 0f);
        return down(x, at + Float.BYTES, bytes - Float.BYTES, y, at);
    }

    /** Sums from the first element on; false if one that vectors made is infinite or no number. */
    private static boolean up(MemorySegment x, long at, long bytes, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = bytes - bytes % VECTOR;
        double before = 0;
        FloatVector all = FloatVector.zero(F32);
        for (long i = 0; i < end; i += VECTOR) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE));
            v = v.add(v.rearrange(Shifts.UP_1), Shifts.FROM_1);
            v = v.add(v.rearrange(Shifts.UP_2), Shifts.FROM_2);
            if (LANES > 4) {
                v = v.add(v.rearrange(Shifts.UP_4), Shifts.FROM_4);
            }
            if (LANES > 8) {
                v = v.add(v.rearrange(Shifts.UP_8), Shifts.FROM_8);
            }
            FloatVector sums = v.add((float) before);
            sums.intoMemorySegment(y, to + i, LE);
            all = sums.fma(FloatVector.zero(F32), all);
            before += v.lane(LANES - 1);
        }
        for (long i = end; i < bytes; i += Float.BYTES) {
            before += x.get(SCALAR, at + i);
            y.set(SCALAR, to + i, (float) before);
        }
        return !FLOATS.cast(all).compare(VectorOperators.NE, all).anyTrue();
    }

    /** Sums from the last element back, as {@link #up}. */
    private static boolean down(MemorySegment x, long at, long bytes, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = bytes % VECTOR;
        double behind = 0;
        FloatVector all = FloatVector.zero(F32);
        for (long i = bytes - VECTOR; i >= end; i -= VECTOR) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE));
            v = v.add(v.rearrange(Shifts.DOWN_1), Shifts.BELOW_1);
            v = v.add(v.rearrange(Shifts.DOWN_2), Shifts.BELOW_2);
            if (LANES > 4) {
                v = v.add(v.rearrange(Shifts.DOWN_4), Shifts.BELOW_4);
            }
            if (LANES > 8) {
                v = v.add(v.rearrange(Shifts.DOWN_8), Shifts.BELOW_8);
            }
            FloatVector sums = v.add((float) behind);
            sums.intoMemorySegment(y, to + i, LE);
            all = sums.fma(FloatVector.zero(F32), all);
            behind += v.lane(0);
        }
        for (long i = end - Float.BYTES; i >= 0; i -= Float.BYTES) {
            behind += x.get(SCALAR, at + i);
            y.set(SCALAR, to + i, (float) behind);
        }
        return !FLOATS.cast(all).compare(VectorOperators.NE, all).anyTrue();
    }
}
