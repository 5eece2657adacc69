package dev.tenon.compression.calibrate;

import dev.tenon.compression.CompressionException;
import java.util.function.UnaryOperator;

/**
 * A way to choose the range of a quantised tensor from the values that samples gave. A value outside of the range is
 * clipped; a wider range has coarser steps. Immutable.
 *
 * <p>Entropy and the mean squared error search for a limit t of absolute values: the range is the part of [min, max] within
 * [-t, t].
 */
public final class Calibration {
    /** From the least to the greatest value, so that no value of the samples is clipped. */
    public static final Calibration MIN_MAX = new Calibration(Kind.MIN_MAX, 1);

    /**
     * The limit at which the distribution of the quantised values differs least from that of the values, by the
     * Kullback-Leibler divergence. It is searched on 2048 bins of absolute values, where a limit has at least as many bins
     * as there are levels (S. Migacz, 8-bit inference with TensorRT, GTC 2017). It clips at most one value in 1000.
     */
    public static final Calibration ENTROPY = new Calibration(Kind.ENTROPY, 1);

    /** The best of 100 limits by the mean squared error of the quantised values. */
    public static final Calibration MSE = new Calibration(Kind.MSE, 1);

    private enum Kind {
        MIN_MAX("min-max"),
        PERCENTILE("percentile"),
        ENTROPY("entropy"),
        MSE("mse");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final Kind kind;
    private final double share;

    private Calibration(Kind kind, double share) {
        this.kind = kind;
        this.share = share;
    }

    /**
     * The range that clips a small share of the values, half of it at each end.
     *
     * @param percent the percentage of values inside, above 50, at most 100: 99.99, say
     * @return the calibration
     * @throws CompressionException if the percentage is out of range
     */
    public static Calibration percentile(double percent) {
        if (!(percent > 50 && percent <= 100)) {
            throw new CompressionException(
                    "percentile of a calibration", Double.toString(percent), "above 50, at most 100", null);
        }
        return new Calibration(Kind.PERCENTILE, percent / 100);
    }

    /**
     * Chooses the range.
     *
     * @param values the values
     * @param levels the number of integers that a quantised tensor can hold: 256 for 8 bits
     * @param isSymmetric whether zero is the middle of the integers
     * @return the range, within that of the values
     */
    public Range range(Histogram values, int levels, boolean isSymmetric) {
        return range(values, levels, isSymmetric, null);
    }

    /**
     * Chooses the range of values that only go through a function of one number. The mean squared error is that of the results:
     * it spends no steps on values that the function makes equal, and moves each end by itself where zero is not the middle of
     * the integers. The other ways leave the function out of account.
     *
     * @param values the values
     * @param levels the number of integers that a quantised tensor can hold: 256 for 8 bits
     * @param isSymmetric whether zero is the middle of the integers
     * @param after the function, of each element; null if there is none
     * @return the range, within that of the values
     */
    public Range range(Histogram values, int levels, boolean isSymmetric, UnaryOperator<float[]> after) {
        Range all = values.range();
        if (values.count() == 0 || all.magnitude() == 0) {
            return all;
        }
        return switch (kind) {
            case MIN_MAX -> all;
            case PERCENTILE -> Percentiles.range(values, (1 - share) / 2);
            case ENTROPY -> {
                boolean isOneSided = !isSymmetric && (all.low() >= 0 || all.high() <= 0);
                yield within(all, EntropySearch.limit(values, isOneSided ? levels : levels / 2));
            }
            case MSE -> new SquaredErrorSearch(values, levels, isSymmetric, after).range();
        };
    }

    private static Range within(Range all, double limit) {
        float low = (float) Math.max(all.low(), -limit);
        float high = (float) Math.min(all.high(), limit);
        return new Range(Math.min(low, high), high);
    }

    @Override
    public String toString() {
        return kind == Kind.PERCENTILE ? kind.text + " " + share * 100 : kind.text;
    }
}
