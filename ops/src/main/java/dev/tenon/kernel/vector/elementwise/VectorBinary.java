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

/** Vector loops of two float32 operands: see {@link BinaryLoop} for their arguments. The granule is four vectors. */
public final class VectorBinary {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    /** Two vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 2 * WIDTH;

    private VectorBinary() {}

    private static FloatVector splat(MemorySegment x, long at) {
        return FloatVector.broadcast(F32, x.get(ValueLayout.JAVA_FLOAT, at));
    }

    /**
     * {@code a + b}.
     *
     * @param a the first operand
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            addBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            addRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            addRight(b, bAt, a, aAt, y, yAt, n);
        }
    }

    static void addBoth(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
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

    private static void addRight(
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
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            subBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            subRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            subLeft(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void subBoth(
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

    private static void subRight(
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

    private static void subLeft(
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
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            mulBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            mulRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            mulRight(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void mulBoth(
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

    private static void mulRight(
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
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            divBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            divRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            divLeft(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void divBoth(
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

    private static void divRight(
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

    private static void divLeft(
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
     * The lesser; NaN if one is NaN.
     *
     * @param a the first operand
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            minBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            minRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            minRight(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void minBoth(
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

    private static void minRight(
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
     * The greater; NaN if one is NaN.
     *
     * @param a the first operand
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            maxBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            maxRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            maxRight(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void maxBoth(
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

    private static void maxRight(
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
}
