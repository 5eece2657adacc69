package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops of two float32 operands. {@link BinaryLoop} describes their arguments. The granule is one vector. C2 makes a loop
 * of its own for each combination of steps.
 */
public final class VectorBinary {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    private VectorBinary() {}

    /** The element of an operand that is repeated, in all lanes; any vector for another operand. */
    static FloatVector splat(MemorySegment x, long at, int step) {
        return FloatVector.broadcast(F32, step == 0 ? x.get(ValueLayout.JAVA_FLOAT, at) : 0);
    }

    /** {@code a + b}. See {@link BinaryLoop#run}. */
    public static void add(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).add(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code a - b}. See {@link BinaryLoop#run}. */
    public static void sub(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).sub(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code a b}. See {@link BinaryLoop#run}. */
    public static void mul(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).mul(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code a / b}. See {@link BinaryLoop#run}. */
    public static void div(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).div(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The smaller operand; NaN if one is NaN. See {@link BinaryLoop#run}. */
    public static void min(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).min(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The larger operand; NaN if one is NaN. See {@link BinaryLoop#run}. */
    public static void max(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            FLOATS.cast(l).max(r).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** PRelu: {@code a} where it is at least 0, else {@code a b}. See {@link BinaryLoop#run}. */
    public static void prelu(
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
        FloatVector u = splat(a, aAt, aStep);
        FloatVector v = splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            l = FLOATS.cast(l);
            l.blend(l.mul(r), l.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, yAt + at, LE);
        }
    }
}
