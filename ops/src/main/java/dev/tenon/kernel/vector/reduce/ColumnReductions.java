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
 * Reductions down columns of float32. Each loop combines a row of elements with a row of accumulators, element by
 * element, so that a column is reduced by one call for each of its rows. Offsets are in bytes.
 *
 * <p>Loops are called from an array, by index, because C2 must not inline several of them into one method: it would
 * exceed its limit for inlining, and vectors would become objects.
 */
final class ColumnReductions {
    /** Combines a row of elements with a row of accumulators. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param x the memory of the elements
         * @param at the offset of the first element
         * @param y the memory of the accumulators
         * @param to the offset of the first accumulator
         * @param columns the length of both rows
         */
        void run(MemorySegment x, long at, MemorySegment y, long to, int columns);
    }

    /** Adds elements to accumulators. */
    static final int ADD = 0;

    /** Adds absolute values. */
    static final int ADD_ABSOLUTES = 1;

    /** Adds squares. */
    static final int ADD_SQUARES = 2;

    /**
     * Adds the exponentials of the differences between elements and the maxima of their columns, scaled as {@link
     * VectorMath#scaledExp} says. The maxima are stored {@link #MAXIMA_OFFSET} bytes after the accumulators.
     */
    static final int ADD_EXPONENTIALS = 3;

    /** Multiplies accumulators, which are doubles, by elements. */
    static final int MULTIPLY = 4;

    /** Takes the greater of element and accumulator; NaN if either is NaN. */
    static final int MAX = 5;

    /** Takes the lesser of element and accumulator; NaN if either is NaN. */
    static final int MIN = 6;

    /** The most columns of a row. */
    static final int MAX_COLUMNS = 512;

    /** Bytes from the accumulators of {@link #ADD_EXPONENTIALS} to the maxima of their columns. */
    static final long MAXIMA_OFFSET = (long) MAX_COLUMNS * Float.BYTES;

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

    /**
     * Runs a loop. All loops are called from here, so that C2 sees a call with many targets and does not inline any.
     */
    static void run(int loop, MemorySegment x, long at, MemorySegment y, long to, int columns) {
        LOOPS[loop].run(x, at, y, to, columns);
    }

    /** Bytes of the columns that fill whole vectors. */
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
        long maxima = to + MAXIMA_OFFSET;
        for (long i = 0; i < end; i += STEP) {
            FloatVector d = FloatVector.fromMemorySegment(F32, x, at + i, LE)
                    .sub(FloatVector.fromMemorySegment(F32, y, maxima + i, LE));
            FloatVector.fromMemorySegment(F32, y, to + i, LE)
                    .add(VectorMath.scaledExp(d))
                    .intoMemorySegment(y, to + i, LE);
        }
        for (long i = end; i < bytes(columns); i += Float.BYTES) {
            double d = (double) x.get(SCALAR, at + i) - y.get(SCALAR, maxima + i);
            y.set(SCALAR, to + i, (float) (y.get(SCALAR, to + i) + Math.exp(d) / VectorMath.UNSCALE));
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
