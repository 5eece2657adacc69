package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads rows of features, and writes rows of results, for the kernels of this package. */
final class TreeRows {
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;

    private TreeRows() {}

    /** Reads rows of any type except double into columns of keys. */
    static void load(MemorySegment x, TreeProblem p, TreeLayout layout, long first, int rows, int[] keys) {
        int columns = layout.columnFeatures.length;
        for (int r = 0; r < rows; r++) {
            long row = (first + r) * p.features();
            for (int c = 0; c < columns; c++) {
                float v = readFloat(x, p.dtype(), row + layout.columnFeatures[c]);
                int missing = layout.nanIsLowest[c] ? Integer.MIN_VALUE : Integer.MAX_VALUE;
                keys[c * TreeLayout.BLOCK_ROWS + r] = Float.isNaN(v) ? missing : TreeLayout.key(v);
            }
        }
    }

    /** Reads a feature of any type as a double. */
    static double readDouble(MemorySegment x, DType type, long i) {
        return type == DType.FLOAT64
                ? x.getAtIndex(F64, i)
                : type == DType.INT64
                        ? x.getAtIndex(I64, i)
                        : type == DType.INT32 ? x.getAtIndex(I32, i) : readFloat(x, type, i);
    }

    private static float readFloat(MemorySegment x, DType type, long i) {
        return switch (type) {
            case FLOAT32 -> x.getAtIndex(F32, i);
            case INT32 -> x.getAtIndex(I32, i);
            case INT64 -> x.getAtIndex(I64, i);
            case FLOAT16 -> Float.float16ToFloat(x.getAtIndex(I16, i));
            default -> throw new IllegalStateException(type.toString());
        };
    }

    /** Reads rows of doubles into columns of keys. */
    static void load(MemorySegment x, TreeProblem p, TreeLayout layout, long first, int rows, long[] keys) {
        int columns = layout.columnFeatures.length;
        for (int r = 0; r < rows; r++) {
            long row = (first + r) * p.features();
            for (int c = 0; c < columns; c++) {
                double v = x.getAtIndex(F64, row + layout.columnFeatures[c]);
                long missing = layout.nanIsLowest[c] ? Long.MIN_VALUE : Long.MAX_VALUE;
                keys[c * TreeLayout.BLOCK_ROWS + r] = Double.isNaN(v) ? missing : TreeLayout.key(v);
            }
        }
    }

    /** Writes a row of results as float32. */
    static void store(MemorySegment z, long at, double[] row) {
        for (int k = 0; k < row.length; k++) {
            z.setAtIndex(F32, at + k, (float) row[k]);
        }
    }

    /** Writes a row of results. */
    static void store(MemorySegment z, DType type, long at, double[] row) {
        for (int k = 0; k < row.length; k++) {
            switch (type) {
                case FLOAT32 -> z.setAtIndex(F32, at + k, (float) row[k]);
                case FLOAT64 -> z.setAtIndex(F64, at + k, row[k]);
                case FLOAT16 -> z.setAtIndex(I16, at + k, Float.floatToFloat16((float) row[k]));
                default -> throw new IllegalStateException(type.toString());
            }
        }
    }
}
