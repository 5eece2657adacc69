package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that multiply a float32 operand by a scalar and add another scalar. Each does the work of several operators of
 * a chain, and rounds product and sum separately as they do. {@link dev.tenon.kernel.elementwise.TernaryLoop} describes the
 * arguments. The granule is two vectors.
 */
public final class VectorAffine {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat F32_LAYOUT = ValueLayout.JAVA_FLOAT;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    private static final long BLOCK = 2 * WIDTH;

    private VectorAffine() {}

    /**
     * {@code factor x + term}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param factor the memory of the factor
     * @param factorAt the offset of the factor, bytes
     * @param term the memory of the term
     * @param termAt the offset of the term, bytes
     * @param steps not used: the operand is contiguous, factor and term are scalars
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of two vectors
     */
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
        factor = NATIVE.cast(factor);
        term = NATIVE.cast(term);
        y = NATIVE.cast(y);
        float m = factor.get(F32_LAYOUT, factorAt);
        float t = term.get(F32_LAYOUT, termAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 =
                    FloatVector.fromMemorySegment(F32, x, xAt + at, LE).mul(m).add(t);
            FloatVector r1 = FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE)
                    .mul(m)
                    .add(t);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code factor h(x) + term}, where h is HardSwish as in {@link VectorUnary#hardSwish}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param factor the memory of the factor
     * @param factorAt the offset of the factor, bytes
     * @param term the memory of the term
     * @param termAt the offset of the term, bytes
     * @param steps not used: the operand is contiguous, factor and term are scalars
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of two vectors
     */
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
        factor = NATIVE.cast(factor);
        term = NATIVE.cast(term);
        y = NATIVE.cast(y);
        float m = factor.get(F32_LAYOUT, factorAt);
        float t = term.get(F32_LAYOUT, termAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector a = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            FloatVector b = FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE);
            FloatVector c = a.add(3f);
            FloatVector d = b.add(3f);
            c = c.blend(0f, c.compare(VectorOperators.LT, 0f));
            d = d.blend(0f, d.compare(VectorOperators.LT, 0f));
            c = c.blend(6f, c.compare(VectorOperators.GT, 6f));
            d = d.blend(6f, d.compare(VectorOperators.GT, 6f));
            a.mul(c.mul(1f / 6)).mul(m).add(t).intoMemorySegment(y, yAt + at, LE);
            b.mul(d.mul(1f / 6)).mul(m).add(t).intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }
}
