package dev.tenon.compression.quantize.weights;

/**
 * Finds the zero point of a block by half-quadratic splitting: Badri and Shaji, HQQ, 2023. Needs no samples. The scale
 * stays that of the range. The error is measured by a norm with p = 0.7, for which outliers count little: {@code e =
 * shrink(w - value)}, then {@code zero = mean(code - (w - e) / scale)}, 20 times, with the weight beta of the penalty
 * growing by 1 % each time.
 */
final class HalfQuadratic {
    private static final int ROUNDS = 20;
    private static final double P = 0.7;
    private static final double BETA = 10;
    private static final double KAPPA = 1.01;

    private HalfQuadratic() {}

    /**
     * Finds the values of a block.
     *
     * @param w weights
     * @param from the first weight of the block
     * @param to the weight after the last one
     * @param isReal whether the zero point may be any number in [0, 15], otherwise it is an integer
     * @return the values
     */
    static BlockGrid find(double[] w, int from, int to, boolean isReal) {
        if (BlockGrid.areZeros(w, from, to)) {
            return BlockGrid.NONE;
        }
        BlockGrid range = BlockGrid.ofRange(w, from, to, false);
        BlockGrid best = range;
        double least = error(w, from, to, range);
        BlockGrid grid = range;
        double beta = BETA;
        for (int round = 0; round < ROUNDS; round++) {
            grid = new BlockGrid(range.scale(), (float) zero(w, from, to, grid, beta));
            beta *= KAPPA;
            double error = error(w, from, to, grid);
            if (error >= least) {
                break;
            }
            least = error;
            best = grid;
        }
        return isReal ? best : rounded(w, from, to, best, range);
    }

    /** The mean of the zero points that the weights would have, without their outliers. */
    private static double zero(double[] w, int from, int to, BlockGrid grid, double beta) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            int code = grid.code(w[i]);
            double e = shrunk(w[i] - grid.value(code), beta);
            sum += code - (w[i] - e) / grid.scale();
        }
        return Math.max(0, Math.min(BlockGrid.MOST, sum / (to - from)));
    }

    private static double shrunk(double x, double beta) {
        double size = Math.abs(x);
        return size == 0 ? 0 : Math.signum(x) * Math.max(0, size - Math.pow(size, P - 1) / beta);
    }

    private static double error(double[] w, int from, int to, BlockGrid grid) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.abs(w[i] - grid.value(grid.code(w[i])));
        }
        return sum;
    }

    /** The better of the integers around a zero point, or the range where that is better. */
    private static BlockGrid rounded(double[] w, int from, int to, BlockGrid real, BlockGrid range) {
        BlockGrid best = range;
        double least = error(w, from, to, range);
        for (double zero : new double[] {Math.floor(real.zero()), Math.ceil(real.zero())}) {
            BlockGrid grid = new BlockGrid(real.scale(), (float) zero);
            double error = error(w, from, to, grid);
            if (error < least) {
                least = error;
                best = grid;
            }
        }
        return best;
    }
}
