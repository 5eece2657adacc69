package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Writes one vector of each row of a tile, {@link GemmTile#COLUMNS} elements apart, with a bias, an optional residual
 * and optional bounds. NaN stays NaN. Each combination has a method of its own, because a test for every vector would
 * cost as much as several terms of a product.
 */
public final class TileRows {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int COLUMNS = GemmTile.COLUMNS;

    private TileRows() {}

    /**
     * Adds a bias.
     *
     * @param tile the tile
     * @param column the first column
     * @param rows the number of rows
     * @param b memory that holds the bias
     * @param bias the byte offset of its first element
     * @param y memory of the result
     * @param at the byte offset of the first row
     * @param rowBytes bytes from row to row
     */
    public static void put(
            float[] tile, int column, int rows, MemorySegment b, long bias, MemorySegment y, long at, long rowBytes) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector start = FloatVector.fromMemorySegment(F32, b, bias, ORDER);
        for (int r = 0; r < rows; r++) {
            FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + column))
                    .add(start)
                    .intoMemorySegment(y, at + r * rowBytes, ORDER);
        }
    }

    /** Adds a bias and applies a lower bound: see the other methods. */
    public static void putAbove(
            float[] tile,
            int column,
            int rows,
            MemorySegment b,
            long bias,
            float least,
            MemorySegment y,
            long at,
            long rowBytes) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector start = FloatVector.fromMemorySegment(F32, b, bias, ORDER);
        for (int r = 0; r < rows; r++) {
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + column))
                    .add(start);
            v.blend(least, v.compare(VectorOperators.LT, least)).intoMemorySegment(y, at + r * rowBytes, ORDER);
        }
    }

    /** Adds a bias and clamps the sum: see the other methods. */
    public static void putWithin(
            float[] tile,
            int column,
            int rows,
            MemorySegment b,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long at,
            long rowBytes) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector start = FloatVector.fromMemorySegment(F32, b, bias, ORDER);
        for (int r = 0; r < rows; r++) {
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + column))
                    .add(start);
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, at + r * rowBytes, ORDER);
        }
    }

    /** Adds a bias and a residual, which is stored as the result is, and clamps the sum: see the other methods. */
    public static void putSum(
            float[] tile,
            int column,
            int rows,
            MemorySegment b,
            long bias,
            MemorySegment residual,
            float least,
            float greatest,
            MemorySegment y,
            long at,
            long rowBytes) {
        b = NATIVE.cast(b);
        residual = NATIVE.cast(residual);
        y = NATIVE.cast(y);
        FloatVector start = FloatVector.fromMemorySegment(F32, b, bias, ORDER);
        for (int r = 0; r < rows; r++) {
            long to = at + r * rowBytes;
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + column))
                    .add(start)
                    .add(FloatVector.fromMemorySegment(F32, residual, to, ORDER));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
        }
    }
}
