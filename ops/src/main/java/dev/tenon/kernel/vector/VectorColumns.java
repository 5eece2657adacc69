package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Doubles.F64;
import static dev.tenon.kernel.vector.VectorShape.Doubles.HALF;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Row operations that reduce columns of float32: a target row takes in one row after the other. Offsets are bytes. */
final class VectorColumns {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;
    private static final int LANES = VectorShape.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;

    private VectorColumns() {}

    private static long vectorBytes(int columns) {
        return (long) (columns - columns % LANES) * Float.BYTES;
    }

    private static long bytes(int columns) {
        return (long) columns * Float.BYTES;
    }

    static void add(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .add(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(SCALAR, to + i, y.get(SCALAR, to + i) + x.get(SCALAR, at + i));
        }
    }

    static void addAbsolutes(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .add(FloatVector.fromMemorySegment(F32, x, at + i, LE).abs())
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(SCALAR, to + i, y.get(SCALAR, to + i) + Math.abs(x.get(SCALAR, at + i)));
        }
    }

    static void addSquares(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, at + i, LE);
            v.fma(v, FloatVector.fromMemorySegment(F32, y, to + i, LE)).intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            float v = x.get(SCALAR, at + i);
            y.set(SCALAR, to + i, Math.fma(v, v, y.get(SCALAR, to + i)));
        }
    }

    /** Adds exponentials, lifted, of what elements differ from the maxima of their columns by, which lie behind sums. */
    static void addExponentials(MemorySegment x, long at, MemorySegment y, long maxima, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector d = FloatVector.fromMemorySegment(F32, x, at + i, LE)
                    .sub(FloatVector.fromMemorySegment(F32, y, maxima + i, LE));
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .add(VectorMath.liftedExp(d))
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            double d = (double) x.get(SCALAR, at + i) - y.get(SCALAR, maxima + i);
            y.set(SCALAR, to + i, (float) (y.get(SCALAR, to + i) + Math.exp(d) / VectorMath.UNLIFT));
        }
    }

    /** Multiplies a row of doubles at the start of memory. */
    static void multiply(MemorySegment x, long at, MemorySegment y, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP / 2) {
            ((DoubleVector) FloatVector.fromMemorySegment(HALF, x, at + i, LE)
                            .convertShape(VectorOperators.F2D, F64, 0))
                    .mul(DoubleVector.fromMemorySegment(F64, y, 2 * i, LE))
                    .intoMemorySegment(y, 2 * i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(DOUBLE, 2 * i, y.get(DOUBLE, 2 * i) * x.get(SCALAR, at + i));
        }
    }

    static void max(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .max(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(SCALAR, to + i, Math.max(y.get(SCALAR, to + i), x.get(SCALAR, at + i)));
        }
    }

    static void min(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP) {
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .min(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(SCALAR, to + i, Math.min(y.get(SCALAR, to + i), x.get(SCALAR, at + i)));
        }
    }
}
