package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Doubles.F64;
import static dev.tenon.kernel.vector.SimdSpecies.Doubles.HALF;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Row operations that reduce columns of float32: a target row takes in one row after the other. Offsets are bytes. Loops
 * are called from an array, for the reason that {@code RecurrentCells} gives.
 */
final class ColumnReductions {
    /** Takes a row in. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param x the memory of the row
         * @param at where it lies
         * @param y the memory of the target row
         * @param to where it lies
         * @param columns the elements of both
         */
        void run(MemorySegment x, long at, MemorySegment y, long to, int columns);
    }

    /** Adds elements. */
    static final int ADD = 0;

    /** Adds absolute values. */
    static final int ADD_ABSOLUTES = 1;

    /** Adds squares. */
    static final int ADD_SQUARES = 2;

    /**
     * Adds exponentials, lifted, of what elements differ from the maxima of their columns by, which lie
     * {@link #TO_MAXIMA} behind the sums.
     */
    static final int ADD_EXPONENTIALS = 3;

    /** Multiplies a target row of doubles. */
    static final int MULTIPLY = 4;

    /** Takes the greater elements; NaN where either is. */
    static final int MAX = 5;

    /** Takes the lesser elements; NaN where either is. */
    static final int MIN = 6;

    /** The columns that are worked on together, at most. */
    static final int MOST = 512;

    /** From sums of exponentials to the maxima of their columns. */
    static final long TO_MAXIMA = (long) MOST * Float.BYTES;

    private static final Loop[] LOOPS = {
        ColumnReductions::add,
        ColumnReductions::addAbsolutes,
        ColumnReductions::addSquares,
        ColumnReductions::addExponentials,
        ColumnReductions::multiply,
        ColumnReductions::max,
        ColumnReductions::min
    };

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;

    private ColumnReductions() {}

    /** Runs a loop; the only call of loops, so that the compiler sees many behind it. */
    static void run(int loop, MemorySegment x, long at, MemorySegment y, long to, int columns) {
        LOOPS[loop].run(x, at, y, to, columns);
    }

    private static long vectorBytes(int columns) {
        return (long) (columns - columns % LANES) * Float.BYTES;
    }

    private static long bytes(int columns) {
        return (long) columns * Float.BYTES;
    }

    private static void add(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
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

    private static void addAbsolutes(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
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

    private static void addSquares(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
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

    private static void addExponentials(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = vectorBytes(columns);
        long maxima = to + TO_MAXIMA;
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

    private static void multiply(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long end = vectorBytes(columns);
        for (long i = 0; i < end; i += STEP / 2) {
            ((DoubleVector) FloatVector.fromMemorySegment(HALF, x, at + i, LE)
                            .convertShape(VectorOperators.F2D, F64, 0))
                    .mul(DoubleVector.fromMemorySegment(F64, y, to + 2 * i, LE))
                    .intoMemorySegment(y, to + 2 * i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            y.set(DOUBLE, to + 2 * i, y.get(DOUBLE, to + 2 * i) * x.get(SCALAR, at + i));
        }
    }

    private static void max(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
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

    private static void min(MemorySegment x, long at, MemorySegment y, long to, int columns) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
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
