package dev.tenon.kernel.scalar.tabular;

import dev.tenon.op.tabular.model.NumberTable;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds the elements of an operand in a table of numbers. Each element type has its own loop. */
final class KeyIndices {
    /** The most elements that are looked up at a time: their indices stay in the first-level cache. */
    static final int BLOCK = 1024;

    private static final ValueLayout.OfInt INDEX = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final double INT64_END = 0x1p63;

    private KeyIndices() {}

    /**
     * Finds elements. Floats are found by their bits.
     *
     * @param table the keys
     * @param dtype the element type
     * @param x the operand
     * @param first the index of the first element
     * @param n the number of elements
     * @param found for the indices of the keys as int32, -1 for none
     */
    static void find(NumberTable table, DType dtype, MemorySegment x, long first, int n, MemorySegment found) {
        switch (dtype) {
            case FLOAT32 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, table.find(NumberTable.bits(x.get(F32, (first + i) * Float.BYTES))));
                }
            }
            case FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, table.find(NumberTable.bits(x.get(F64, (first + i) * Double.BYTES))));
                }
            }
            default -> findIntegers(table, dtype, x, first, n, found);
        }
    }

    private static void findIntegers(
            NumberTable table, DType dtype, MemorySegment x, long first, int n, MemorySegment found) {
        switch (dtype) {
            case INT64 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, table.find(x.get(I64, (first + i) * Long.BYTES)));
                }
            }
            case INT32 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, table.find(x.get(I32, (first + i) * Integer.BYTES)));
                }
            }
            case INT16 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, table.find(x.get(I16, (first + i) * Short.BYTES)));
                }
            }
            default -> throw new IllegalArgumentException("a table of " + dtype.text());
        }
    }

    /** Finds elements as {@link #find} does, but floats by their whole parts. Those that have none as int64 are not found. */
    static void findWhole(NumberTable table, DType dtype, MemorySegment x, long first, int n, MemorySegment found) {
        switch (dtype) {
            case FLOAT32 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, findWhole(table, x.get(F32, (first + i) * Float.BYTES)));
                }
            }
            case FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    found.set(INDEX, 4L * i, findWhole(table, x.get(F64, (first + i) * Double.BYTES)));
                }
            }
            default -> findIntegers(table, dtype, x, first, n, found);
        }
    }

    private static int findWhole(NumberTable table, double number) {
        return Math.abs(number) < INT64_END ? table.find((long) number) : -1;
    }
}
