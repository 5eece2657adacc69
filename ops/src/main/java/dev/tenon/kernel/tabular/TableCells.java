package dev.tenon.kernel.tabular;

import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads features of any type that models for tables take, and writes results. */
public final class TableCells {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;

    private TableCells() {}

    /**
     * Reads a feature as a double.
     *
     * @param x the features
     * @param type their type
     * @param i the index of the feature
     * @return its value
     */
    public static double readDouble(MemorySegment x, DType type, long i) {
        return switch (type) {
            case FLOAT64 -> x.getAtIndex(F64, i);
            case INT64 -> x.getAtIndex(I64, i);
            case INT32 -> x.getAtIndex(I32, i);
            default -> readFloat(x, type, i);
        };
    }

    /**
     * Reads a feature as a float.
     *
     * @param x the features
     * @param type their type, not double
     * @param i the index of the feature
     * @return its value, rounded to the nearest float
     */
    public static float readFloat(MemorySegment x, DType type, long i) {
        return switch (type) {
            case FLOAT32 -> x.getAtIndex(F32, i);
            case INT32 -> x.getAtIndex(I32, i);
            case INT64 -> x.getAtIndex(I64, i);
            case FLOAT16 -> Float.float16ToFloat(x.getAtIndex(I16, i));
            default -> throw new IllegalStateException(type.toString());
        };
    }

    /**
     * Writes a row of results.
     *
     * @param z the results
     * @param type their type
     * @param at the index of the first one
     * @param row the row
     */
    public static void write(MemorySegment z, DType type, long at, double[] row) {
        for (int k = 0; k < row.length; k++) {
            switch (type) {
                case FLOAT32 -> z.setAtIndex(F32, at + k, (float) row[k]);
                case FLOAT64 -> z.setAtIndex(F64, at + k, row[k]);
                case FLOAT16 -> z.setAtIndex(I16, at + k, Float.floatToFloat16((float) row[k]));
                default -> throw new IllegalStateException(type.toString());
            }
        }
    }

    /**
     * Writes the label of a row.
     *
     * @param y the labels
     * @param row the row
     * @param label its label
     */
    public static void writeLabel(MemorySegment y, long row, long label) {
        y.setAtIndex(I64, row, label);
    }
}
