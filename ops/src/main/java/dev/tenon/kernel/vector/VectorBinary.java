package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.BinaryLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** Vector loops of two float32 operands: see {@link BinaryLoop} for their arguments. The granule is four vectors. */
public final class VectorBinary {
    private static final long WIDTH = (long) F32.length() * Float.BYTES;
    /** Four vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 4 * WIDTH;

    private VectorBinary() {}

    private static FloatVector load(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(F32, x, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static void store(FloatVector v, MemorySegment y, long at) {
        v.intoMemorySegment(y, at, ByteOrder.LITTLE_ENDIAN);
    }

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
        if (aStep == 1 && bStep == 1) {
            addBoth(a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            addRight(a, aAt, b, bAt, y, yAt, n);
        } else {
            addRight(b, bAt, a, aAt, y, yAt, n);
        }
    }

    private static void addBoth(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).add(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).add(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).add(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).add(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void addRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).add(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).add(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).add(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).add(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
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
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).sub(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).sub(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).sub(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).sub(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void subRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).sub(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).sub(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).sub(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).sub(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void subLeft(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector u = splat(a, aAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = u.sub(load(b, bAt + at));
            FloatVector r1 = u.sub(load(b, bAt + at + WIDTH));
            FloatVector r2 = u.sub(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = u.sub(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
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
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).mul(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).mul(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).mul(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).mul(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void mulRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).mul(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).mul(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).mul(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).mul(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
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
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).div(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).div(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).div(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).div(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void divRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).div(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).div(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).div(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).div(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void divLeft(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector u = splat(a, aAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = u.div(load(b, bAt + at));
            FloatVector r1 = u.div(load(b, bAt + at + WIDTH));
            FloatVector r2 = u.div(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = u.div(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
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
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).min(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).min(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).min(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).min(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void minRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).min(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).min(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).min(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).min(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
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
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).max(load(b, bAt + at));
            FloatVector r1 = load(a, aAt + at + WIDTH).max(load(b, bAt + at + WIDTH));
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).max(load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).max(load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void maxRight(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(a, aAt + at).max(v);
            FloatVector r1 = load(a, aAt + at + WIDTH).max(v);
            FloatVector r2 = load(a, aAt + at + 2 * WIDTH).max(v);
            FloatVector r3 = load(a, aAt + at + 3 * WIDTH).max(v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }
}
