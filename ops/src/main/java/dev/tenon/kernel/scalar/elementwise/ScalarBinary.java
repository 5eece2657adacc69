package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.op.math.BinaryFunction;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Scalar loops of two operands of the same element type. {@link BinaryLoop} describes their arguments. */
public final class ScalarBinary {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private ScalarBinary() {}

    /**
     * A loop that calls an operator's function for each pair of floats.
     *
     * @param f the operator
     * @param type the element type
     * @return the loop, or null if there is none for the type
     */
    public static BinaryLoop floats(BinaryFunction f, DType type) {
        return switch (type) {
            case FLOAT32 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        double r = f.at(a.get(F32, aAt + 4 * i * aStep), b.get(F32, bAt + 4 * i * bStep));
                        y.set(F32, yAt + 4 * i, (float) r);
                    }
                };
            case FLOAT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        double r = f.at(a.get(F64, aAt + 8 * i * aStep), b.get(F64, bAt + 8 * i * bStep));
                        y.set(F64, yAt + 8 * i, r);
                    }
                };
            default -> null;
        };
    }

    /**
     * A loop that calls an operator's function for each pair of integers.
     *
     * @param f the operator
     * @param type the element type
     * @return the loop, or null if there is none for the type
     */
    public static BinaryLoop integers(BinaryFunction f, DType type) {
        return switch (type) {
            case INT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long r = f.at(a.get(I64, aAt + 8 * i * aStep), b.get(I64, bAt + 8 * i * bStep), DType.INT64);
                        y.set(I64, yAt + 8 * i, r);
                    }
                };
            case UINT64 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long r = f.at(a.get(I64, aAt + 8 * i * aStep), b.get(I64, bAt + 8 * i * bStep), DType.UINT64);
                        y.set(I64, yAt + 8 * i, r);
                    }
                };
            case INT32 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long r = f.at(a.get(I32, aAt + 4 * i * aStep), b.get(I32, bAt + 4 * i * bStep), DType.INT32);
                        y.set(I32, yAt + 4 * i, (int) r);
                    }
                };
            case INT8 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long r = f.at(a.get(I8, aAt + i * aStep), b.get(I8, bAt + i * bStep), DType.INT8);
                        y.set(I8, yAt + i, (byte) r);
                    }
                };
            case UINT8 ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
                    for (long i = 0; i < n; i++) {
                        long r = f.at(
                                a.get(I8, aAt + i * aStep) & 0xFFL, b.get(I8, bAt + i * bStep) & 0xFFL, DType.UINT8);
                        y.set(I8, yAt + i, (byte) r);
                    }
                };
            default -> null;
        };
    }

    /** {@code a + b} of float32. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, u + v);
        }
    }

    /** {@code a - b} of float32. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, u - v);
        }
    }

    /** {@code a b} of float32. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, u * v);
        }
    }

    /** {@code a / b} of float32. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, u / v);
        }
    }

    /** The smaller one of two float32 numbers; NaN if one is NaN. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, Math.min(u, v));
        }
    }

    /** The greater one of two float32 numbers; NaN if one is NaN. See {@link BinaryLoop#run}. */
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
        for (long i = 0; i < n; i++) {
            float u = a.get(F32, aAt + 4 * i * aStep);
            float v = b.get(F32, bAt + 4 * i * bStep);
            y.set(F32, yAt + 4 * i, Math.max(u, v));
        }
    }

    /** {@code a + b} of int64. See {@link BinaryLoop#run}. */
    public static void addLongs(
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
            long u = a.get(I64, aAt + 8 * i * aStep);
            long v = b.get(I64, bAt + 8 * i * bStep);
            y.set(I64, yAt + 8 * i, u + v);
        }
    }

    /** {@code a - b} of int64. See {@link BinaryLoop#run}. */
    public static void subLongs(
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
            long u = a.get(I64, aAt + 8 * i * aStep);
            long v = b.get(I64, bAt + 8 * i * bStep);
            y.set(I64, yAt + 8 * i, u - v);
        }
    }

    /** {@code a b} of int64. See {@link BinaryLoop#run}. */
    public static void mulLongs(
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
            long u = a.get(I64, aAt + 8 * i * aStep);
            long v = b.get(I64, bAt + 8 * i * bStep);
            y.set(I64, yAt + 8 * i, u * v);
        }
    }
}
