package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.op.math.Comparison;
import dev.tenon.tensor.DType;
import java.lang.foreign.ValueLayout;

/** Scalar loops that compare, combine booleans, select and clip. A boolean is a byte: 0 is false, any other value true. */
public final class ScalarLogic {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private ScalarLogic() {}

    /**
     * A comparison of two operands.
     *
     * @param orders the orders of the operands for which the result is true, as in {@link Comparison#orders}
     * @param type the element type
     * @return the loop, or null if there is none for the type
     */
    public static BinaryLoop compare(int orders, DType type) {
        return switch (type) {
            case FLOAT32 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        float u = a.get(F32, aAt + 4 * i * aStep);
                        float v = b.get(F32, bAt + 4 * i * bStep);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case FLOAT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        double u = a.get(F64, aAt + 8 * i * aStep);
                        double v = b.get(F64, bAt + 8 * i * bStep);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case INT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long u = a.get(I64, aAt + 8 * i * aStep);
                        long v = b.get(I64, bAt + 8 * i * bStep);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case INT32 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        int u = a.get(I32, aAt + 4 * i * aStep);
                        int v = b.get(I32, bAt + 4 * i * bStep);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case INT8 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        int u = a.get(I8, aAt + i * aStep);
                        int v = b.get(I8, bAt + i * bStep);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case UINT8 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        int u = a.get(I8, aAt + i * aStep) & 0xFF;
                        int v = b.get(I8, bAt + i * bStep) & 0xFF;
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            case BOOL ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        int u = Math.min(a.get(I8, aAt + i * aStep) & 0xFF, 1);
                        int v = Math.min(b.get(I8, bAt + i * bStep) & 0xFF, 1);
                        y.set(I8, yAt + i, answer(u < v, u == v, u > v, orders));
                    }
                };
            default -> null;
        };
    }

    private static byte answer(boolean less, boolean equal, boolean greater, int orders) {
        int order = (less ? Comparison.LESS : 0) | (equal ? Comparison.EQUAL : 0) | (greater ? Comparison.GREATER : 0);
        return (byte) ((order & orders) != 0 ? 1 : 0);
    }

    /**
     * A function of two booleans.
     *
     * @param table the truth table: bit {@code 2 a + b} is the result for a and b
     * @return the loop
     */
    public static BinaryLoop combine(int table) {
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            for (long i = 0; i < n; i++) {
                int u = a.get(I8, aAt + i * aStep) == 0 ? 0 : 2;
                int v = b.get(I8, bAt + i * bStep) == 0 ? 0 : 1;
                y.set(I8, yAt + i, (byte) (table >> (u + v) & 1));
            }
        };
    }

    /**
     * Where: the second operand where the first, a boolean, is true, else the third.
     *
     * @param width the size of an element of the second operand, bytes
     * @return the loop, or null if there is none for the width
     */
    public static TernaryLoop select(int width) {
        return switch (width) {
            case 1 ->
                (c, cAt, a, aAt, b, bAt, steps, y, yAt, n) -> {
                    long cStride = TernaryLoop.step(steps, 0);
                    long aStride = TernaryLoop.step(steps, 1);
                    long bStride = TernaryLoop.step(steps, 2);
                    for (long i = 0; i < n; i++) {
                        byte u = a.get(I8, aAt + i * aStride);
                        byte v = b.get(I8, bAt + i * bStride);
                        y.set(I8, yAt + i, c.get(I8, cAt + i * cStride) != 0 ? u : v);
                    }
                };
            case 2 ->
                (c, cAt, a, aAt, b, bAt, steps, y, yAt, n) -> {
                    long cStride = TernaryLoop.step(steps, 0);
                    long aStride = 2L * TernaryLoop.step(steps, 1);
                    long bStride = 2L * TernaryLoop.step(steps, 2);
                    for (long i = 0; i < n; i++) {
                        short u = a.get(I16, aAt + i * aStride);
                        short v = b.get(I16, bAt + i * bStride);
                        y.set(I16, yAt + 2 * i, c.get(I8, cAt + i * cStride) != 0 ? u : v);
                    }
                };
            case 4 ->
                (c, cAt, a, aAt, b, bAt, steps, y, yAt, n) -> {
                    long cStride = TernaryLoop.step(steps, 0);
                    long aStride = 4L * TernaryLoop.step(steps, 1);
                    long bStride = 4L * TernaryLoop.step(steps, 2);
                    for (long i = 0; i < n; i++) {
                        int u = a.get(I32, aAt + i * aStride);
                        int v = b.get(I32, bAt + i * bStride);
                        y.set(I32, yAt + 4 * i, c.get(I8, cAt + i * cStride) != 0 ? u : v);
                    }
                };
            case 8 ->
                (c, cAt, a, aAt, b, bAt, steps, y, yAt, n) -> {
                    long cStride = TernaryLoop.step(steps, 0);
                    long aStride = 8L * TernaryLoop.step(steps, 1);
                    long bStride = 8L * TernaryLoop.step(steps, 2);
                    for (long i = 0; i < n; i++) {
                        long u = a.get(I64, aAt + i * aStride);
                        long v = b.get(I64, bAt + i * bStride);
                        y.set(I64, yAt + 8 * i, c.get(I8, cAt + i * cStride) != 0 ? u : v);
                    }
                };
            default -> null;
        };
    }

    /**
     * Clip: the first operand, limited to the range from the second to the third, which are one element each.
     *
     * @param type the element type
     * @return the loop, or null if there is none for the type
     */
    public static TernaryLoop clip(DType type) {
        return switch (type) {
            case FLOAT32 ->
                (x, xAt, lo, loAt, hi, hiAt, steps, y, yAt, n) -> {
                    float min = lo.get(F32, loAt);
                    float max = hi.get(F32, hiAt);
                    for (long i = 0; i < n; i++) {
                        float v = x.get(F32, xAt + 4 * i);
                        v = v < min ? min : v;
                        y.set(F32, yAt + 4 * i, v > max ? max : v);
                    }
                };
            case FLOAT64 ->
                (x, xAt, lo, loAt, hi, hiAt, steps, y, yAt, n) -> {
                    double min = lo.get(F64, loAt);
                    double max = hi.get(F64, hiAt);
                    for (long i = 0; i < n; i++) {
                        double v = x.get(F64, xAt + 8 * i);
                        v = v < min ? min : v;
                        y.set(F64, yAt + 8 * i, v > max ? max : v);
                    }
                };
            case INT64 ->
                (x, xAt, lo, loAt, hi, hiAt, steps, y, yAt, n) -> {
                    long min = lo.get(I64, loAt);
                    long max = hi.get(I64, hiAt);
                    for (long i = 0; i < n; i++) {
                        long v = x.get(I64, xAt + 8 * i);
                        v = v < min ? min : v;
                        y.set(I64, yAt + 8 * i, v > max ? max : v);
                    }
                };
            case INT32 ->
                (x, xAt, lo, loAt, hi, hiAt, steps, y, yAt, n) -> {
                    int min = lo.get(I32, loAt);
                    int max = hi.get(I32, hiAt);
                    for (long i = 0; i < n; i++) {
                        int v = x.get(I32, xAt + 4 * i);
                        v = v < min ? min : v;
                        y.set(I32, yAt + 4 * i, v > max ? max : v);
                    }
                };
            default -> null;
        };
    }
}
