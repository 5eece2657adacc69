package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.tabular.TableCells;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads rows of features as columns of keys. */
final class TreeRows {
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;

    private TreeRows() {}

    /** Reads rows of any type except double into columns of keys. */
    static void load(MemorySegment x, TreeProblem p, TreeLayout layout, long first, int rows, int[] keys) {
        int columns = layout.columnFeatures.length;
        for (int r = 0; r < rows; r++) {
            long row = (first + r) * p.features();
            for (int c = 0; c < columns; c++) {
                float v = TableCells.readFloat(x, p.dtype(), row + layout.columnFeatures[c]);
                int missing = layout.nanIsLowest[c] ? Integer.MIN_VALUE : Integer.MAX_VALUE;
                keys[c * TreeLayout.BLOCK_ROWS + r] = Float.isNaN(v) ? missing : TreeLayout.key(v);
            }
        }
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
}
