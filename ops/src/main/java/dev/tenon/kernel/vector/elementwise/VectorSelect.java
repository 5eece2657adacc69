package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops of Where, for elements of 32 bits, and of Clip, for float32. {@link TernaryLoop} describes their arguments. The
 * granule is one vector. The booleans for a vector of elements are loaded as a vector of bytes, or, if they are only four,
 * as an int.
 */
public final class VectorSelect {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) LANES * Float.BYTES;
    /** Selects a byte of an int in each lane. */
    private static final int[] LANE_BYTES = {0xff, 0xff00, 0xff0000, 0xff000000};

    private static final ValueLayout.OfInt FOUR_BYTES = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    private VectorSelect() {}

    private static VectorMask<Float> mask(MemorySegment c, long at) {
        c = NATIVE.cast(c);
        if (LANES == LANE_BYTES.length) {
            return IntVector.fromArray(I32, LANE_BYTES, 0)
                    .and(c.get(FOUR_BYTES, at))
                    .compare(VectorOperators.NE, 0)
                    .cast(F32);
        }
        return ByteVector.fromMemorySegment(I8, c, at, LE)
                .compare(VectorOperators.NE, (byte) 0)
                .cast(F32);
    }

    /** Where: the second operand where the first, a boolean, is true, else the third. See {@link TernaryLoop#run}. */
    public static void where(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        int aStep = TernaryLoop.step(steps, 1);
        int bStep = TernaryLoop.step(steps, 2);
        if (TernaryLoop.step(steps, 0) == 1) {
            select(c, cAt, a, aAt, aStep, b, bAt, bStep, y, yAt, n);
        } else if (c.get(ValueLayout.JAVA_BYTE, cAt) != 0) {
            copy(a, aAt, aStep, y, yAt, n);
        } else {
            copy(b, bAt, bStep, y, yAt, n);
        }
    }

    private static void copy(MemorySegment x, long xAt, int step, MemorySegment y, long yAt, int n) {
        if (step == 1) {
            MemoryMoves.copy(x, xAt, y, yAt, (long) n * Float.BYTES);
        } else {
            MemoryMoves.fill(x, xAt, y, yAt, n, Float.BYTES);
        }
    }

    private static void select(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = VectorBinary.splat(a, aAt, aStep);
        FloatVector v = VectorBinary.splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(r).blend(l, mask(c, cAt + at / Float.BYTES)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** Clip: the first operand, which is contiguous, limited to the range from the second to the third, two scalars. */
    public static void clip(
            MemorySegment x,
            long xAt,
            MemorySegment lo,
            long loAt,
            MemorySegment hi,
            long hiAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        float min = lo.get(ValueLayout.JAVA_FLOAT, loAt);
        float max = hi.get(ValueLayout.JAVA_FLOAT, hiAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            v = v.blend(min, v.compare(VectorOperators.LT, min));
            v.blend(max, v.compare(VectorOperators.GT, max)).intoMemorySegment(y, yAt + at, LE);
        }
    }
}
