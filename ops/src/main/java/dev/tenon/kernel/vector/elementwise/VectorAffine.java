package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that multiply a contiguous float32 operand by a scalar and add another scalar. Each does the work of several
 * operators of a chain, and rounds product and sum separately as they do. {@link TernaryLoop} describes the arguments. The
 * granule is one vector.
 */
public final class VectorAffine {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    private VectorAffine() {}

    /** {@code factor x + term}. */
    public static void affine(
            MemorySegment x,
            long xAt,
            MemorySegment factor,
            long factorAt,
            MemorySegment term,
            long termAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        float m = factor.get(SCALAR, factorAt);
        float t = term.get(SCALAR, termAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector.fromMemorySegment(F32, x, xAt + at, LE).mul(m).add(t).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code factor h(x) + term}, where h is HardSwish as in {@link VectorUnary#hardSwish}. */
    public static void hardSwish(
            MemorySegment x,
            long xAt,
            MemorySegment factor,
            long factorAt,
            MemorySegment term,
            long termAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        float m = factor.get(SCALAR, factorAt);
        float t = term.get(SCALAR, termAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            FloatVector gate = v.add(3f);
            gate = gate.blend(0f, gate.compare(VectorOperators.LT, 0f));
            gate = gate.blend(6f, gate.compare(VectorOperators.GT, 6f));
            v.mul(gate.mul(1f / 6)).mul(m).add(t).intoMemorySegment(y, yAt + at, LE);
        }
    }
}
