package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** Row operations that reduce columns of float32: a target row takes in one row after the other. Offsets are bytes. */
final class VectorColumns {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
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
