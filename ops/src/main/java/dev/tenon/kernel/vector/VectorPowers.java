package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.BinaryLoop;
import dev.tenon.kernel.scalar.ScalarPow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector loops of powers and of PRelu, float32: see {@link BinaryLoop} for their arguments. The granule is four vectors. */
public final class VectorPowers {
    private static final long WIDTH = (long) F32.length() * Float.BYTES;
    /** Four vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 4 * WIDTH;

    private VectorPowers() {}

    private static FloatVector load(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(F32, x, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static void store(FloatVector v, MemorySegment y, long at) {
        v.intoMemorySegment(y, at, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * x from 0 on, a multiple of it below.
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
            preluOne(a, aAt, b, bAt, y, yAt, n);
        } else if (bStep == 0) {
            preluLine(a, aAt, b, bAt, y, yAt, n);
        } else {
            preluBoth(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void preluBoth(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(load(a, aAt + at), load(b, bAt + at));
            FloatVector r1 = prelu(load(a, aAt + at + WIDTH), load(b, bAt + at + WIDTH));
            FloatVector r2 = prelu(load(a, aAt + at + 2 * WIDTH), load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = prelu(load(a, aAt + at + 3 * WIDTH), load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void preluLine(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector v = FloatVector.broadcast(F32, b.get(ValueLayout.JAVA_FLOAT, bAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(load(a, aAt + at), v);
            FloatVector r1 = prelu(load(a, aAt + at + WIDTH), v);
            FloatVector r2 = prelu(load(a, aAt + at + 2 * WIDTH), v);
            FloatVector r3 = prelu(load(a, aAt + at + 3 * WIDTH), v);
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void preluOne(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        FloatVector u = FloatVector.broadcast(F32, a.get(ValueLayout.JAVA_FLOAT, aAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(u, load(b, bAt + at));
            FloatVector r1 = prelu(u, load(b, bAt + at + WIDTH));
            FloatVector r2 = prelu(u, load(b, bAt + at + 2 * WIDTH));
            FloatVector r3 = prelu(u, load(b, bAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static FloatVector prelu(FloatVector x, FloatVector slope) {
        return x.blend(x.mul(slope), x.compare(VectorOperators.LT, 0f));
    }

    /**
     * Powers. One exponent for all, if it is 2, 3, 1/2, -1/2 or -1, costs a few instructions; others are computed one
     * by one.
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
    public static void pow(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        float exponent = bStep == 0 && aStep == 1 ? b.get(ValueLayout.JAVA_FLOAT, bAt) : 0;
        if (exponent == 2) {
            square(a, aAt, y, yAt, n);
        } else if (exponent == 3) {
            cube(a, aAt, y, yAt, n);
        } else if (exponent == 0.5f) {
            root(a, aAt, y, yAt, n);
        } else if (exponent == -0.5f) {
            inverseRoot(a, aAt, y, yAt, n);
        } else if (exponent == -1) {
            VectorUnary.reciprocal(a, aAt, y, yAt, n);
        } else {
            ScalarPow.floats(a, aAt, aStep, b, bAt, bStep, y, yAt, n);
        }
    }

    private static void square(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = squared(load(x, xAt + at));
            FloatVector r1 = squared(load(x, xAt + at + WIDTH));
            FloatVector r2 = squared(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = squared(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static FloatVector squared(FloatVector v) {
        return v.mul(v);
    }

    private static void cube(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = cubed(load(x, xAt + at));
            FloatVector r1 = cubed(load(x, xAt + at + WIDTH));
            FloatVector r2 = cubed(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = cubed(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void root(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = root(load(x, xAt + at));
            FloatVector r1 = root(load(x, xAt + at + WIDTH));
            FloatVector r2 = root(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = root(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static void inverseRoot(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.broadcast(F32, 1f).div(root(load(x, xAt + at)));
            FloatVector r1 = FloatVector.broadcast(F32, 1f).div(root(load(x, xAt + at + WIDTH)));
            FloatVector r2 = FloatVector.broadcast(F32, 1f).div(root(load(x, xAt + at + 2 * WIDTH)));
            FloatVector r3 = FloatVector.broadcast(F32, 1f).div(root(load(x, xAt + at + 3 * WIDTH)));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    private static FloatVector cubed(FloatVector v) {
        return v.mul(v).mul(v);
    }

    /** The power 1/2 differs from the square root for minus zero, which becomes zero, and for minus infinity. */
    private static FloatVector root(FloatVector v) {
        return v.add(0f).sqrt().blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }
}
