package dev.tenon.compression.trees;

import java.util.Arrays;

/**
 * The columns of a table in at most 255 bins each, so that the sums of a column over some rows need one pass. A bin ends at a bound, and
 * a split is a bound: rows at or below it go one way. Bounds lie between neighbouring values if there are few, otherwise so that
 * bins have equally many rows. Infinity and NaN are in a last bin, which no bound but the largest float precedes.
 */
final class BinnedColumns {
    private static final int MOST_BOUNDS = 254;

    /** The bin of each row, by column. */
    private final byte[][] bins;

    private final float[][] bounds;

    /**
     * Sorts values into bins.
     *
     * @param values the table, row by row
     * @param columns how many columns it has
     */
    BinnedColumns(float[] values, int columns) {
        int rows = values.length / columns;
        this.bins = new byte[columns][rows];
        this.bounds = new float[columns][];
        float[] column = new float[rows];
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                column[r] = values[r * columns + c];
            }
            bounds[c] = bounds(column);
            for (int r = 0; r < rows; r++) {
                bins[c][r] = (byte) bin(bounds[c], column[r]);
            }
        }
    }

    /** The bounds of a column, ascending. The last one is the largest float. */
    private static float[] bounds(float[] column) {
        float[] sorted = column.clone();
        Arrays.sort(sorted);
        int from = 0;
        int to = sorted.length;
        while (to > 0 && !(sorted[to - 1] < Float.POSITIVE_INFINITY)) {
            to--;
        }
        while (from < to && sorted[from] == Float.NEGATIVE_INFINITY) {
            from++;
        }
        float[] found = new float[MOST_BOUNDS + 1];
        int count = 0;
        int distinct = 1;
        for (int i = from + 1; i < to; i++) {
            distinct += sorted[i] > sorted[i - 1] ? 1 : 0;
        }
        int least = distinct <= MOST_BOUNDS ? 1 : (to - from + MOST_BOUNDS - 1) / MOST_BOUNDS;
        int last = from;
        for (int i = from + 1; i < to; i++) {
            if (sorted[i] > sorted[i - 1] && i - last >= least) {
                found[count++] = between(sorted[i - 1], sorted[i]);
                last = i;
            }
        }
        found[count++] = Float.MAX_VALUE;
        return Arrays.copyOf(found, count);
    }

    /** A number from the first one on that is below the second one. */
    private static float between(float low, float high) {
        float middle = low / 2 + high / 2;
        return (middle >= low && middle < high ? middle : low) + 0f;
    }

    private static int bin(float[] bounds, float value) {
        if (!(value <= Float.MAX_VALUE)) {
            return bounds.length;
        }
        int at = Arrays.binarySearch(bounds, value);
        return at < 0 ? ~at : at;
    }

    int columns() {
        return bins.length;
    }

    int rows() {
        return bins[0].length;
    }

    /** The number of bins of a column. */
    int count(int column) {
        return bounds[column].length + 1;
    }

    int bin(int column, int row) {
        return bins[column][row] & 0xff;
    }

    /** The last value of a bin, which is not the last one. */
    float bound(int column, int bin) {
        return bounds[column][bin];
    }
}
