package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that convert to float32. {@link dev.tenon.kernel.elementwise.UnaryLoop} describes their arguments. The granule is
 * one vector of float32. The loops of bytes need vectors of at least 256 bits.
 */
public final class VectorCast {
    private static final int LANES = SimdSpecies.LANES;

    private VectorCast() {}

    /**
     * int32 to float32.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void fromInts(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = (FloatVector) INTS.cast(IntVector.fromMemorySegment(
                            I32, x, xAt + (long) i * Integer.BYTES, ByteOrder.LITTLE_ENDIAN))
                    .convertShape(VectorOperators.I2F, F32, 0);
            v.intoMemorySegment(y, yAt + (long) i * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
    }

    /**
     * int8 to float32.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void fromBytes(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = (FloatVector) ByteVector.fromMemorySegment(I8, x, xAt + i, ByteOrder.LITTLE_ENDIAN)
                    .convertShape(VectorOperators.B2F, F32, 0);
            v.intoMemorySegment(y, yAt + (long) i * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
    }

    /**
     * uint8 to float32.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void fromUnsignedBytes(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = (FloatVector) ByteVector.fromMemorySegment(I8, x, xAt + i, ByteOrder.LITTLE_ENDIAN)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, I32, 0)
                    .convertShape(VectorOperators.I2F, F32, 0);
            v.intoMemorySegment(y, yAt + (long) i * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
    }
}
