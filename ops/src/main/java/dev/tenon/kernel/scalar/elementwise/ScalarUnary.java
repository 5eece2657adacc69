package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.op.math.Classification;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Scalar loops of one operand. {@link UnaryLoop} describes their arguments. */
public final class ScalarUnary {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private ScalarUnary() {}

    /**
     * A loop that calls an operator's function for each element.
     *
     * @param f the operator
     * @param type the element type of operand and result
     * @return the loop, or null if there is none for the type
     */
    public static UnaryLoop of(UnaryFunction f, DType type) {
        return switch (type) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < 4L * n; i += 4) {
                        y.set(F32, yAt + i, (float) f.at(x.get(F32, xAt + i)));
                    }
                };
            case FLOAT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < 8L * n; i += 8) {
                        y.set(F64, yAt + i, f.at(x.get(F64, xAt + i)));
                    }
                };
            case INT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < 8L * n; i += 8) {
                        y.set(I64, yAt + i, f.at(x.get(I64, xAt + i), DType.INT64));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < 4L * n; i += 4) {
                        y.set(I32, yAt + i, (int) f.at(x.get(I32, xAt + i), DType.INT32));
                    }
                };
            case INT16 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < 2L * n; i += 2) {
                        y.set(I16, yAt + i, (short) f.at(x.get(I16, xAt + i), DType.INT16));
                    }
                };
            case INT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) f.at(x.get(I8, xAt + i), DType.INT8));
                    }
                };
            case UINT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) f.at(Byte.toUnsignedLong(x.get(I8, xAt + i)), DType.UINT8));
                    }
                };
            default -> null;
        };
    }

    /**
     * A loop that classifies each element, as IsNaN does; its results are booleans.
     *
     * @param f the operator
     * @param type the element type of the operand
     * @return the loop, or null if there is none for the type
     */
    public static UnaryLoop of(Classification f, DType type) {
        return switch (type) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (f.test(x.get(F32, xAt + 4 * i)) ? 1 : 0));
                    }
                };
            case FLOAT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (f.test(x.get(F64, xAt + 8 * i)) ? 1 : 0));
                    }
                };
            default -> null;
        };
    }

    /** {@code |x|} of float32. See {@link UnaryLoop#run}. */
    public static void abs(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            float v = x.get(F32, xAt + i);
            y.set(F32, yAt + i, Math.abs(v));
        }
    }

    /** {@code -x} of float32. See {@link UnaryLoop#run}. */
    public static void neg(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            float v = x.get(F32, xAt + i);
            y.set(F32, yAt + i, -v);
        }
    }

    /** The square root of float32. See {@link UnaryLoop#run}. */
    public static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            float v = x.get(F32, xAt + i);
            y.set(F32, yAt + i, (float) Math.sqrt(v));
        }
    }

    /** {@code 1 / x} of float32. See {@link UnaryLoop#run}. */
    public static void reciprocal(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            float v = x.get(F32, xAt + i);
            y.set(F32, yAt + i, 1 / v);
        }
    }

    /** {@code max(0, x)} of float32. See {@link UnaryLoop#run}. */
    public static void relu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            float v = x.get(F32, xAt + i);
            y.set(F32, yAt + i, v < 0 ? 0 : v);
        }
    }

    /**
     * LeakyRelu of float32: {@code x} for x of at least 0, else {@code alpha x}.
     *
     * @param alpha the factor of negative numbers
     * @return the loop
     */
    public static UnaryLoop leakyRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long i = 0; i < 4L * n; i += 4) {
                float v = x.get(F32, xAt + i);
                y.set(F32, yAt + i, v < 0 ? alpha * v : v);
            }
        };
    }

    /**
     * Division of float32 by a constant.
     *
     * @param divisor the constant
     * @return the loop
     */
    public static UnaryLoop divideBy(float divisor) {
        return (x, xAt, y, yAt, n) -> {
            for (long i = 0; i < 4L * n; i += 4) {
                y.set(F32, yAt + i, x.get(F32, xAt + i) / divisor);
            }
        };
    }

    /** Negation of booleans. See {@link UnaryLoop#run}. */
    public static void not(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long i = 0; i < n; i++) {
            y.set(I8, yAt + i, (byte) (x.get(I8, xAt + i) == 0 ? 1 : 0));
        }
    }
}
