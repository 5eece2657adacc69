package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The stores of {@link VectorGemm}: writes a tile of the result. Each combination of start and bounds has a method of
 * its own, because a test for every row would cost as much as several terms of a product.
 */
final class GemmRows {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final VectorSpecies<Float> NARROW = FloatVector.SPECIES_128;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int COLUMNS = GemmTile.COLUMNS;

    private GemmRows() {}

    /**
     * Writes the sum of a tile of products and a start value, optionally with a residual and clamped.
     *
     * @param tile the products, {@link GemmTile#COLUMNS} elements from row to row
     * @param rows the number of rows
     * @param columns the valid columns, at most {@link GemmTile#COLUMNS}; nothing is written beyond them
     * @param c memory that holds C
     * @param cOffset the byte offset of the tile's first element
     * @param cRow bytes from a row of C to the next
     * @param base memory that holds the start values
     * @param baseOffset the byte offset of the first element's start value
     * @param baseRow bytes from a row of start values to the next, 0 if one row is for all
     * @param residual added after the start values, stored as C is, or null
     * @param bounds the bounds that the sums are clamped to, or null
     */
    static void put(
            float[] tile,
            int rows,
            int columns,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual,
            Bounds bounds) {
        if (columns < COLUMNS) {
            putTail(tile, rows, columns, c, cOffset, cRow, base, baseOffset, baseRow, residual, bounds);
        } else if (!GemmWarmUps.PUT.over()) {
            PlainTile.put(tile, rows, c, cOffset, cRow, base, baseOffset, baseRow, residual, bounds);
        } else if (bounds != null) {
            putWithin(tile, rows, c, cOffset, cRow, base, baseOffset, baseRow, residual, bounds);
        } else if (residual != null) {
            putSum(tile, rows, c, cOffset, cRow, base, baseOffset, baseRow, residual);
        } else if (baseRow == 0) {
            putPlusRow(tile, rows, c, cOffset, cRow, base, baseOffset);
        } else {
            putPlusRows(tile, rows, c, cOffset, cRow, base, baseOffset, baseRow);
        }
    }

    /** Writes a full tile, with a row of start values for each row. */
    static void putPlusRows(
            float[] tile,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        for (int r = 0; r < rows; r++) {
            long to = cOffset + r * cRow;
            long from = baseOffset + r * baseRow;
            FloatVector.fromArray(F32, tile, r * COLUMNS)
                    .add(FloatVector.fromMemorySegment(F32, base, from, ORDER))
                    .intoMemorySegment(c, to, ORDER);
            FloatVector.fromArray(F32, tile, r * COLUMNS + LANES)
                    .add(FloatVector.fromMemorySegment(F32, base, from + VECTOR_BYTES, ORDER))
                    .intoMemorySegment(c, to + VECTOR_BYTES, ORDER);
        }
    }

    /** Writes a full tile, with one row of start values for all rows. */
    static void putPlusRow(
            float[] tile, int rows, MemorySegment c, long cOffset, long cRow, MemorySegment base, long baseOffset) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        FloatVector left = FloatVector.fromMemorySegment(F32, base, baseOffset, ORDER);
        FloatVector right = FloatVector.fromMemorySegment(F32, base, baseOffset + VECTOR_BYTES, ORDER);
        for (int r = 0; r < rows; r++) {
            long to = cOffset + r * cRow;
            FloatVector.fromArray(F32, tile, r * COLUMNS).add(left).intoMemorySegment(c, to, ORDER);
            FloatVector.fromArray(F32, tile, r * COLUMNS + LANES)
                    .add(right)
                    .intoMemorySegment(c, to + VECTOR_BYTES, ORDER);
        }
    }

    /** Writes a full tile with start values and a residual. */
    static void putSum(
            float[] tile,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        residual = NATIVE.cast(residual);
        FloatVector left = FloatVector.fromMemorySegment(F32, base, baseOffset, ORDER);
        FloatVector right = FloatVector.fromMemorySegment(F32, base, baseOffset + VECTOR_BYTES, ORDER);
        for (int r = 0; r < rows; r++) {
            long to = cOffset + r * cRow;
            if (baseRow != 0) {
                left = FloatVector.fromMemorySegment(F32, base, baseOffset + r * baseRow, ORDER);
                right = FloatVector.fromMemorySegment(F32, base, baseOffset + r * baseRow + VECTOR_BYTES, ORDER);
            }
            FloatVector.fromArray(F32, tile, r * COLUMNS)
                    .add(left)
                    .add(FloatVector.fromMemorySegment(F32, residual, to, ORDER))
                    .intoMemorySegment(c, to, ORDER);
            FloatVector.fromArray(F32, tile, r * COLUMNS + LANES)
                    .add(right)
                    .add(FloatVector.fromMemorySegment(F32, residual, to + VECTOR_BYTES, ORDER))
                    .intoMemorySegment(c, to + VECTOR_BYTES, ORDER);
        }
    }

    /** Writes a full tile with start values and an optional residual, clamped. */
    private static void putWithin(
            float[] tile,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual,
            Bounds bounds) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        residual = NATIVE.cast(residual);
        float least = bounds.min();
        float greatest = bounds.max();
        FloatVector left = FloatVector.fromMemorySegment(F32, base, baseOffset, ORDER);
        FloatVector right = FloatVector.fromMemorySegment(F32, base, baseOffset + VECTOR_BYTES, ORDER);
        for (int r = 0; r < rows; r++) {
            long to = cOffset + r * cRow;
            if (baseRow != 0) {
                left = FloatVector.fromMemorySegment(F32, base, baseOffset + r * baseRow, ORDER);
                right = FloatVector.fromMemorySegment(F32, base, baseOffset + r * baseRow + VECTOR_BYTES, ORDER);
            }
            FloatVector l = FloatVector.fromArray(F32, tile, r * COLUMNS).add(left);
            FloatVector h =
                    FloatVector.fromArray(F32, tile, r * COLUMNS + LANES).add(right);
            if (residual != null) {
                l = l.add(FloatVector.fromMemorySegment(F32, residual, to, ORDER));
                h = h.add(FloatVector.fromMemorySegment(F32, residual, to + VECTOR_BYTES, ORDER));
            }
            l = l.blend(least, l.compare(VectorOperators.LT, least));
            h = h.blend(least, h.compare(VectorOperators.LT, least));
            l.blend(greatest, l.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, to, ORDER);
            h.blend(greatest, h.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, to + VECTOR_BYTES, ORDER);
        }
    }

    /** Writes the first columns of a tile with start values, an optional residual and optional bounds. */
    private static void putTail(
            float[] tile,
            int rows,
            int columns,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual,
            Bounds bounds) {
        int from = 0;
        if (columns >= LANES) {
            putFirst(tile, rows, c, cOffset, cRow, base, baseOffset, baseRow);
            from = LANES;
        }
        for (; from <= columns - NARROW.length(); from += NARROW.length()) {
            putNarrow(tile, rows, from, c, cOffset, cRow, base, baseOffset, baseRow);
        }
        if (from < columns) {
            putElements(tile, rows, from, columns, c, cOffset, cRow, base, baseOffset, baseRow);
        }
        if (residual != null) {
            add(residual, c, cOffset, cRow, rows, columns);
        }
        if (bounds != null) {
            keep(c, cOffset, cRow, rows, columns, bounds);
        }
    }

    /** Adds a residual to the first columns of rows. */
    private static void add(MemorySegment residual, MemorySegment c, long cOffset, long cRow, int rows, int columns) {
        residual = NATIVE.cast(residual);
        c = NATIVE.cast(c);
        int whole = NARROW.loopBound(columns);
        for (int r = 0; r < rows; r++) {
            long row = cOffset + r * cRow;
            for (int j = 0; j < whole; j += NARROW.length()) {
                long at = row + (long) j * Float.BYTES;
                FloatVector.fromMemorySegment(NARROW, c, at, ORDER)
                        .add(FloatVector.fromMemorySegment(NARROW, residual, at, ORDER))
                        .intoMemorySegment(c, at, ORDER);
            }
            for (int j = whole; j < columns; j++) {
                long at = row + (long) j * Float.BYTES;
                c.set(SCALAR, at, c.get(SCALAR, at) + residual.get(SCALAR, at));
            }
        }
    }

    /** Clamps the first columns of rows. */
    private static void keep(MemorySegment c, long cOffset, long cRow, int rows, int columns, Bounds bounds) {
        c = NATIVE.cast(c);
        float least = bounds.min();
        float greatest = bounds.max();
        int whole = NARROW.loopBound(columns);
        for (int r = 0; r < rows; r++) {
            long row = cOffset + r * cRow;
            for (int j = 0; j < whole; j += NARROW.length()) {
                long at = row + (long) j * Float.BYTES;
                FloatVector v = FloatVector.fromMemorySegment(NARROW, c, at, ORDER);
                v = v.blend(least, v.compare(VectorOperators.LT, least));
                v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, at, ORDER);
            }
            for (int j = whole; j < columns; j++) {
                long at = row + (long) j * Float.BYTES;
                c.set(SCALAR, at, bounds.clamp(c.get(SCALAR, at)));
            }
        }
    }

    /** Writes the first vector of each row. */
    private static void putFirst(
            float[] tile,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        for (int r = 0; r < rows; r++) {
            FloatVector.fromArray(F32, tile, r * COLUMNS)
                    .add(FloatVector.fromMemorySegment(F32, base, baseOffset + r * baseRow, ORDER))
                    .intoMemorySegment(c, cOffset + r * cRow, ORDER);
        }
    }

    /** Writes one narrow vector of each row. */
    private static void putNarrow(
            float[] tile,
            int rows,
            int column,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow) {
        c = NATIVE.cast(c);
        base = NATIVE.cast(base);
        long at = (long) column * Float.BYTES;
        for (int r = 0; r < rows; r++) {
            FloatVector.fromArray(NARROW, tile, r * COLUMNS + column)
                    .add(FloatVector.fromMemorySegment(NARROW, base, baseOffset + r * baseRow + at, ORDER))
                    .intoMemorySegment(c, cOffset + r * cRow + at, ORDER);
        }
    }

    /** Writes the last columns of each row, fewer than a narrow vector has, one by one. */
    private static void putElements(
            float[] tile,
            int rows,
            int from,
            int columns,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < columns; j++) {
                long at = (long) j * Float.BYTES;
                c.set(
                        SCALAR,
                        cOffset + r * cRow + at,
                        tile[r * COLUMNS + j] + base.get(SCALAR, baseOffset + r * baseRow + at));
            }
        }
    }
}
