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
 * Prefix sums along the last axis of float32. Within a vector they take log2(lanes) shuffles and additions (W. Hillis
 * and G. Steele, Data parallel algorithms, 1986); the sum of all earlier vectors is a double. Exclusive sums are the
 * inclusive sums of the row without its last element, stored one element later. If a sum leaves the range of float32,
 * plain loops compute the row again.
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

    /**
     * Shuffles that move each element some lanes up or down, and masks of the lanes that receive an element of the
     * vector.
     */
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
     * Makes the kernel.
     *
     * @param p the problem, with inner 1
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
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long bytes = p.length() * Float.BYTES;
        for (long row = split.start(from); row < split.start(to); row++) {
            long at = row * bytes;
            boolean finite = p.reverse() ? reverseRow(x, y, at, bytes) : forwardRow(x, y, at, bytes);
            if (!finite) {
                ScalarPrefixSum.line(x, y, at, p);
            }
        }
    }

    private boolean forwardRow(MemorySegment x, MemorySegment y, long at, long bytes) {
        if (!p.exclusive()) {
            return forward(x, at, bytes, y, at);
        }
        y.set(SCALAR, at, 0f);
        return forward(x, at, bytes - Float.BYTES, y, at + Float.BYTES);
    }

    private boolean reverseRow(MemorySegment x, MemorySegment y, long at, long bytes) {
        if (!p.exclusive()) {
            return reverse(x, at, bytes, y, at);
        }
        y.set(SCALAR, at + bytes - Float.BYTES, 0f);
        return reverse(x, at + Float.BYTES, bytes - Float.BYTES, y, at);
    }

    /**
     * Computes inclusive sums from the first element on.
     *
     * @return false if a sum of a vector is infinite or NaN
     */
    private static boolean forward(MemorySegment x, long at, long bytes, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = bytes - bytes % VECTOR;
        double total = 0;
        // The product of zero with a finite sum is zero; with any other sum it is NaN.
        FloatVector zeros = FloatVector.zero(F32);
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
            FloatVector sums = v.add((float) total);
            sums.intoMemorySegment(y, to + i, LE);
            zeros = sums.fma(FloatVector.zero(F32), zeros);
            total += v.lane(LANES - 1);
        }
        for (long i = end; i < bytes; i += Float.BYTES) {
            total += x.get(SCALAR, at + i);
            y.set(SCALAR, to + i, (float) total);
        }
        return !FLOATS.cast(zeros).compare(VectorOperators.NE, zeros).anyTrue();
    }

    /** Computes inclusive sums from the last element on, with the parameters of {@link #forward}. */
    private static boolean reverse(MemorySegment x, long at, long bytes, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = bytes % VECTOR;
        double total = 0;
        // The product of zero with a finite sum is zero; with any other sum it is NaN.
        FloatVector zeros = FloatVector.zero(F32);
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
            FloatVector sums = v.add((float) total);
            sums.intoMemorySegment(y, to + i, LE);
            zeros = sums.fma(FloatVector.zero(F32), zeros);
            total += v.lane(0);
        }
        for (long i = end - Float.BYTES; i >= 0; i -= Float.BYTES) {
            total += x.get(SCALAR, at + i);
            y.set(SCALAR, to + i, (float) total);
        }
        return !FLOATS.cast(zeros).compare(VectorOperators.NE, zeros).anyTrue();
    }
}
