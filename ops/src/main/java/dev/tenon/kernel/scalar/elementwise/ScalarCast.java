package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.tensor.BFloat16;
import dev.tenon.tensor.DType;
import java.lang.foreign.ValueLayout;

/** Scalar loops that cast between the element types that are common in models. They round and wrap as Cast does. */
public final class ScalarCast {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private ScalarCast() {}

    /**
     * The loop for a pair of element types.
     *
     * @param from the element type of the operand
     * @param to the element type of the result
     * @return the loop, or null if there is none for the pair
     */
    public static UnaryLoop of(DType from, DType to) {
        return switch (to) {
            case FLOAT32 -> toFloat32(from);
            case FLOAT64 -> toFloat64(from);
            case INT64 -> toInt64(from);
            case INT32 -> toInt32(from);
            case INT8, UINT8 -> toBytes(from);
            case BOOL -> toBool(from);
            case FLOAT16 -> toFloat16(from);
            case BFLOAT16 -> toBfloat16(from);
            default -> null;
        };
    }

    /**
     * Whether there is a loop for a pair.
     *
     * @param from the element type of the operand
     * @param to the element type of the result
     * @return true if {@link #of} has one
     */
    public static boolean has(DType from, DType to) {
        return switch (to) {
            case FLOAT32 ->
                switch (from) {
                    case INT64, INT32, INT8, UINT8, BOOL, FLOAT64, FLOAT16, BFLOAT16 -> true;
                    default -> false;
                };
            case FLOAT64 -> from == DType.FLOAT32 || from == DType.INT64 || from == DType.INT32;
            case INT64 ->
                switch (from) {
                    case FLOAT32, INT32, BOOL, UINT8, FLOAT64 -> true;
                    default -> false;
                };
            case INT32 ->
                switch (from) {
                    case FLOAT32, INT64, BOOL, UINT8, INT8, FLOAT64 -> true;
                    default -> false;
                };
            case INT8, UINT8 -> from == DType.FLOAT32 || from == DType.INT32 || from == DType.BOOL;
            case BOOL -> from == DType.FLOAT32 || from == DType.INT64 || from == DType.INT32 || from == DType.UINT8;
            case FLOAT16, BFLOAT16 -> from == DType.FLOAT32;
            default -> false;
        };
    }

    private static UnaryLoop toFloat32(DType from) {
        return switch (from) {
            case INT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) x.get(I64, xAt + 8 * i));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) x.get(I32, xAt + 4 * i));
                    }
                };
            case INT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) x.get(I8, xAt + i));
                    }
                };
            case UINT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) (x.get(I8, xAt + i) & 0xFF));
                    }
                };
            case BOOL ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) (x.get(I8, xAt + i) == 0 ? 0 : 1));
                    }
                };
            case FLOAT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, (float) x.get(F64, xAt + 8 * i));
                    }
                };
            case FLOAT16 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, Float.float16ToFloat(x.get(I16, xAt + 2 * i)));
                    }
                };
            case BFLOAT16 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F32, yAt + 4 * i, Float.intBitsToFloat(x.get(I16, xAt + 2 * i) << 16));
                    }
                };
            default -> null;
        };
    }

    private static UnaryLoop toInt64(DType from) {
        return switch (from) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I64, yAt + 8 * i, (long) x.get(F32, xAt + 4 * i));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I64, yAt + 8 * i, x.get(I32, xAt + 4 * i));
                    }
                };
            case BOOL ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I64, yAt + 8 * i, (x.get(I8, xAt + i) == 0 ? 0 : 1));
                    }
                };
            case UINT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I64, yAt + 8 * i, (x.get(I8, xAt + i) & 0xFF));
                    }
                };
            case FLOAT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I64, yAt + 8 * i, (long) x.get(F64, xAt + 8 * i));
                    }
                };
            default -> null;
        };
    }

    private static UnaryLoop toInt32(DType from) {
        return switch (from) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, (int) (long) x.get(F32, xAt + 4 * i));
                    }
                };
            case INT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, (int) x.get(I64, xAt + 8 * i));
                    }
                };
            case BOOL ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, (x.get(I8, xAt + i) == 0 ? 0 : 1));
                    }
                };
            case UINT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, (x.get(I8, xAt + i) & 0xFF));
                    }
                };
            case INT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, x.get(I8, xAt + i));
                    }
                };
            case FLOAT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I32, yAt + 4 * i, (int) (long) x.get(F64, xAt + 8 * i));
                    }
                };
            default -> null;
        };
    }

    private static UnaryLoop toBool(DType from) {
        return switch (from) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (x.get(F32, xAt + 4 * i) == 0 ? 0 : 1));
                    }
                };
            case INT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (x.get(I64, xAt + 8 * i) == 0 ? 0 : 1));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (x.get(I32, xAt + 4 * i) == 0 ? 0 : 1));
                    }
                };
            case UINT8 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) ((x.get(I8, xAt + i) & 0xFF) == 0 ? 0 : 1));
                    }
                };
            default -> null;
        };
    }

    private static UnaryLoop toFloat64(DType from) {
        return switch (from) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F64, yAt + 8 * i, x.get(F32, xAt + 4 * i));
                    }
                };
            case INT64 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F64, yAt + 8 * i, (double) x.get(I64, xAt + 8 * i));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(F64, yAt + 8 * i, x.get(I32, xAt + 4 * i));
                    }
                };
            default -> null;
        };
    }

    /** To int8 or uint8: the result has the same bits for both. */
    private static UnaryLoop toBytes(DType from) {
        return switch (from) {
            case FLOAT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (long) x.get(F32, xAt + 4 * i));
                    }
                };
            case INT32 ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) x.get(I32, xAt + 4 * i));
                    }
                };
            case BOOL ->
                (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I8, yAt + i, (byte) (x.get(I8, xAt + i) == 0 ? 0 : 1));
                    }
                };
            default -> null;
        };
    }

    private static UnaryLoop toFloat16(DType from) {
        return from != DType.FLOAT32
                ? null
                : (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I16, yAt + 2 * i, Float.floatToFloat16(x.get(F32, xAt + 4 * i)));
                    }
                };
    }

    private static UnaryLoop toBfloat16(DType from) {
        return from != DType.FLOAT32
                ? null
                : (x, xAt, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        y.set(I16, yAt + 2 * i, BFloat16.fromFloat(x.get(F32, xAt + 4 * i)));
                    }
                };
    }
}
