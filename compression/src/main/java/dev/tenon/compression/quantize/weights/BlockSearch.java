package dev.tenon.compression.quantize.weights;

/**
 * Finds the values of a block's codes that make the squared error least: {@code sum of h (w - value)^2}, with an
 * importance h for each weight. Tries ranges from somewhat wider than the weights to about half of that. For the codes
 * that a range gives, the best scale is a quotient of sums, {@code sum of h w (code - zero) / sum of h (code -
 * zero)^2}.
 */
final class BlockSearch {
    /** Symmetric codes reach up to this many scales on either side. */
    private static final double NARROWEST = 6;

    private static final double WIDEST = 14;
    private static final double STEP = 0.5;

    /** The shares of the range that asymmetric codes try. */
    private static final int SHARES = 10;

    private static final double SHARE_STEP = 0.05;

    private final double[] w;
    private final double[] importance;
    private final int from;
    private final int to;
    private final int column;

    /** The scale of the codes tried last. */
    private double scale;

    private BlockSearch(double[] w, int from, int to, double[] importance, int column) {
        this.w = w;
        this.from = from;
        this.to = to;
        this.importance = importance;
        this.column = column;
    }

    /**
     * Finds the values.
     *
     * @param w weights
     * @param from the first weight of the block
     * @param to the weight after the last one
     * @param importance the importance of each column, at least 0; null if all are equal
     * @param column the column of the first weight
     * @param isSymmetric whether the zero point is 8
     * @return the values
     */
    static BlockGrid find(double[] w, int from, int to, double[] importance, int column, boolean isSymmetric) {
        BlockSearch search = new BlockSearch(w, from, to, importance, column);
        if (BlockGrid.areZeros(w, from, to)) {
            return BlockGrid.NONE;
        }
        BlockGrid range = BlockGrid.ofRange(w, from, to, isSymmetric);
        BlockGrid best = isSymmetric ? search.symmetric() : search.asymmetric();
        return best != null && search.error(best) < search.error(range) ? best : range;
    }

    private double importance(int i) {
        return importance == null ? 1 : importance[column + i - from];
    }

    /** The squared error of weights that have the nearest codes. */
    private double error(BlockGrid grid) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double e = w[i] - grid.value(grid.code(w[i]));
            sum += importance(i) * e * e;
        }
        return sum;
    }

    private BlockGrid symmetric() {
        double largest = 0;
        for (int i = from; i < to; i++) {
            largest = Math.abs(w[i]) > Math.abs(largest) ? w[i] : largest;
        }
        double most = 0;
        double found = 0;
        for (double levels = NARROWEST; levels <= WIDEST; levels += STEP) {
            for (int sign = -1; sign <= 1; sign += 2) {
                double gain = gain(sign * largest / levels, BlockGrid.MIDDLE);
                if (gain > most && (float) scale != 0) {
                    most = gain;
                    found = scale;
                }
            }
        }
        return found == 0 ? null : new BlockGrid((float) found, BlockGrid.MIDDLE);
    }

    private BlockGrid asymmetric() {
        double min = 0;
        double max = 0;
        for (int i = from; i < to; i++) {
            min = Math.min(min, w[i]);
            max = Math.max(max, w[i]);
        }
        double most = 0;
        BlockGrid best = null;
        for (int share = 0; share < SHARES; share++) {
            double tried = (max - min) * (1 - share * SHARE_STEP) / BlockGrid.MOST;
            double centre = BlockGrid.MOST / 2.0 - (max + min) / 2 / tried;
            for (int offset = -1; offset <= 1; offset++) {
                int zero = BlockGrid.clamped(Math.rint(centre) + offset);
                double gain = gain(tried, zero);
                if (gain > most && (float) scale != 0) {
                    most = gain;
                    best = new BlockGrid((float) scale, zero);
                }
            }
        }
        return best;
    }

    /**
     * By how much the codes of a scale make the error less than that of zeros, if the scale is then made the best one.
     */
    private double gain(double tried, int zero) {
        double products = 0;
        double squares = 0;
        for (int i = from; i < to; i++) {
            int code = BlockGrid.clamped(Math.rint(w[i] / tried + zero)) - zero;
            double h = importance(i);
            products += h * w[i] * code;
            squares += h * code * code;
        }
        if (squares == 0) {
            return 0;
        }
        scale = products / squares;
        return products * products / squares;
    }
}
