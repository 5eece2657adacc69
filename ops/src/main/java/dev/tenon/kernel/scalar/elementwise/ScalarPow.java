package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.op.math.Pow;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Scalar loops of powers. Exponents may have another element type than bases. */
public final class ScalarPow {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private ScalarPow() {}

    /**
     * The loop for a pair of element types.
     *
     * @param base the element type of the base and the result
     * @param exponent the element type of the exponent
     * @return the loop, or null if there is none for the pair
     */
    public static BinaryLoop of(DType base, DType exponent) {
        if (base == DType.FLOAT64 && exponent == DType.FLOAT64) {
            return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                for (long i = 0; i < n; i++) {
                    y.set(
                            F64,
                            yAt + 8 * i,
                            Pow.power(a.get(F64, aAt + 8 * i * aStep), b.get(F64, bAt + 8 * i * bStep)));
                }
            };
        }
        if (base != DType.FLOAT32) {
            return null;
        }
        return switch (exponent) {
            case FLOAT32 -> ScalarPow::floats;
            case INT32 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, pow(a.get(F32, aAt + 4 * i * aStep), b.get(I32, bAt + 4 * i * bStep)));
                    }
                };
            case INT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        double power = (double) b.get(I64, bAt + 8 * i * bStep);
                        y.set(F32, yAt + 4 * i, pow(a.get(F32, aAt + 4 * i * aStep), power));
                    }
                };
            default -> null;
        };
    }

    /**
     * The power of float32 bases with float32 exponents.
     *
     * @param a the bases
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the exponents
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements
     */
    public static void floats(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        for (long i = 0; i < n; i++) {
            y.set(F32, yAt + 4 * i, pow(a.get(F32, aAt + 4 * i * aStep), b.get(F32, bAt + 4 * i * bStep)));
        }
    }

    private static float pow(float x, double exponent) {
        return exponent == 2 ? x * x : (float) Pow.power(x, exponent);
    }
}
