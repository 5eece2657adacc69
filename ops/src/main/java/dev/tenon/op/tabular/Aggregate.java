package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;

/**
 * What becomes of the weights that the trees give for one target. Sums are taken tree by tree in float, or in double where
 * the features or the trees are double: the order and the width decide labels near a tie, and are those that models are
 * trained and tested with.
 */
public enum Aggregate {
    /** The sum, divided by the number of trees. */
    AVERAGE,
    /** The sum. */
    SUM,
    /** The least. */
    MIN,
    /** The largest. */
    MAX;

    static Aggregate of(String thing, String name) {
        for (Aggregate a : values()) {
            if (a.name().equals(name)) {
                return a;
            }
        }
        throw new InvalidOperandException(
                thing, "attribute 'aggregate_function' is '" + name + "'", "AVERAGE, SUM, MIN or MAX", null);
    }

    /**
     * Whether weights are added.
     *
     * @return true for sums and averages
     */
    public boolean adds() {
        return this == SUM || this == AVERAGE;
    }

    /**
     * What stands for a target before the first weight. A sum of numbers none of which is a negative zero never is a
     * negative zero in the IEEE rounding to nearest, so that one marks a target that no tree has a weight for.
     *
     * @return negative zero for sums, otherwise NaN
     */
    public double start() {
        return adds() ? -0.0 : Double.NaN;
    }

    /**
     * Whether a target has got no weight.
     *
     * @param score what has become of {@link #start}
     * @return true if it still is that
     */
    public boolean isUnseen(double score) {
        return adds() ? Double.doubleToRawLongBits(score) == Double.doubleToRawLongBits(-0.0) : Double.isNaN(score);
    }

    /**
     * Takes in a weight.
     *
     * @param score what the weights up to here came to
     * @param weight the next weight, no negative zero
     * @param wide whether sums are double
     * @return what they come to now
     */
    public double add(double score, double weight, boolean wide) {
        return switch (this) {
            // Rounding the double sum of two floats gives the float sum: 53 bits are at least twice 24 and two more.
            case SUM, AVERAGE -> wide ? score + weight : (float) (score + weight);
            case MIN -> weight >= score ? score : weight;
            case MAX -> weight <= score ? score : weight;
        };
    }

    /**
     * The end of an aggregation.
     *
     * @param score what the weights came to
     * @param trees the number of trees
     * @param wide whether sums are double
     * @return the score, 0 if there were no weights
     */
    public double finish(double score, int trees, boolean wide) {
        if (isUnseen(score)) {
            return 0;
        }
        if (this != AVERAGE) {
            return score;
        }
        return wide ? score / trees : (float) score / (float) trees;
    }
}
