package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops of two float32 operands. {@link BinaryLoop} describes their arguments. The granule is four vectors. Dense loops
 * have two contiguous operands; in the others one operand is a scalar.
 */
public final class VectorBinary {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    /** Loops load two vectors before they store one: a store delays later loads at the same offset in a page (4K aliasing). */
    private static final long BLOCK = 2 * WIDTH;

    private VectorBinary() {}

    private static FloatVector splat(MemorySegment x, long at) {
        return FloatVector.broadcast(F32, x.get(ValueLayout.JAVA_FLOAT, at));
    }

    /**
     * {@code a + b}.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (!ElementwiseWarmUps.ADD.over()) {
            PlainRows.add(a, aAt, aStep, b, bAt, bStep, y, yAt, n);
        } else if (aStep == 1 && bStep == 1) {
            addDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            addScalar(a, aAt, b, bAt, y, yAt, n);
        } else {
            addScalar(b, bAt, a, aAt, y, yAt, n);
        }
    }

    static void addDense(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .add(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .add(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void addScalar(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .add(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .add(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code a - b}.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 1 && bStep == 1) {
            subDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            subScalarRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            subScalarLeft(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void subDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .sub(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .sub(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void subScalarRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .sub(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .sub(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void subScalarLeft(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = splat(a, aAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = u.sub(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = u.sub(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code a b}.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 1 && bStep == 1) {
            mulDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            mulScalar(a, aAt, b, bAt, y, yAt, n);
        } else {
            mulScalar(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void mulDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .mul(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .mul(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void mulScalar(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .mul(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .mul(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code a / b}.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 1 && bStep == 1) {
            divDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            divScalarRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            divScalarLeft(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void divDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .div(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .div(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void divScalarRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .div(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .div(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void divScalarLeft(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = splat(a, aAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = u.div(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = u.div(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The smaller operand; NaN if one is NaN.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 1 && bStep == 1) {
            minDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            minScalar(a, aAt, b, bAt, y, yAt, n);
        } else {
            minScalar(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void minDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .min(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .min(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void minScalar(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .min(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .min(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The larger operand; NaN if one is NaN.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 1 && bStep == 1) {
            maxDense(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            maxScalar(a, aAt, b, bAt, y, yAt, n);
        } else {
            maxScalar(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void maxDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .max(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .max(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void maxScalar(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at, LE))
                    .max(v);
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE))
                    .max(v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * PRelu: {@code a} where it is at least 0, else {@code a b}.
     *
     * @param a the operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the slope for negative numbers
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
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
        if (aStep == 0) {
            preluScalarInput(a, aAt, b, bAt, y, yAt, n);
        } else if (bStep == 0) {
            preluScalarSlope(a, aAt, b, bAt, y, yAt, n);
        } else {
            preluDense(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void preluDense(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(
                    FloatVector.fromMemorySegment(F32, a, aAt + at, LE),
                    FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = prelu(
                    FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                    FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void preluScalarSlope(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector v = FloatVector.broadcast(F32, b.get(ValueLayout.JAVA_FLOAT, bAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), v);
            FloatVector r1 = prelu(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE), v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void preluScalarInput(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = FloatVector.broadcast(F32, a.get(ValueLayout.JAVA_FLOAT, aAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(u, FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = prelu(u, FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector prelu(FloatVector x, FloatVector slope) {
        return x.blend(x.mul(slope), x.compare(VectorOperators.LT, 0f));
    }
}
