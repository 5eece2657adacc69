package dev.tenon.compression.metric;

/**
 * An interval of confidence of a loss.
 *
 * @param low the least loss that the samples do not contradict; NaN if there are too few samples
 * @param high the largest one
 * @param confidence the share of such intervals that hold the true loss, such as 0.95
 * @param isDemanded whether a loss is only allowed if {@link #high} is. Otherwise the interval is only told
 */
public record Interval(double low, double high, double confidence, boolean isDemanded) {
    /** {@return half of the width} */
    public double margin() {
        return (high - low) / 2;
    }

    /** {@return whether the true loss is not 0, as far as the samples tell: the interval is on one side of it} */
    public boolean isDifference() {
        return low > 0 || high < 0;
    }
}
