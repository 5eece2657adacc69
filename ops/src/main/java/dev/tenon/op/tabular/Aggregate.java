package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;

/**
 * The way in which the weights that the trees give for one target are combined. Sums are taken tree by tree in float,
 * or in double if the features or the trees are double. The order and the width decide labels near a tie; they are
 * those with which models are trained and tested.
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
     * Tells whether weights are added.
     *
     * @return true for sums and averages
     */
    public boolean adds() {
        return this == SUM || this == AVERAGE;
    }

    /**
     * The score of a target before its first weight. It marks a target for which no tree has a weight: by IEEE rounding
     * to nearest, a sum of numbers without negative zeros is never a negative zero.
     *
     * @return negative zero for sums, otherwise NaN
     */
    public double start() {
        return adds() ? -0.0 : Double.NaN;
    }

    /**
     * Tells whether a target has no weight yet.
     *
     * @param score the score, which began with {@link #start}
     * @return true if it is unchanged
     */
    public boolean isUnseen(double score) {
        return adds() ? Double.doubleToRawLongBits(score) == Double.doubleToRawLongBits(-0.0) : Double.isNaN(score);
    }

    /**
     * Adds a weight to a score.
     *
     * @param score the score of the weights so far
     * @param weight the next weight, no negative zero
     * @param wide whether sums are double
     * @return the new score
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
     * The last step of an aggregation.
     *
     * @param score the score of all weights
     * @param trees the number of trees
     * @param wide whether sums are double
     * @return the result, 0 if there were no weights
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
