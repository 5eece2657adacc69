package dev.tenon.compression.train;

/**
 * A term of a loss, which is the sum of its terms.
 *
 * @param kind the formula
 * @param temperature divides logits before their softmax, for {@link Kind#KL}; otherwise 1
 * @param weight the factor of the term
 * @param value the name of the teacher's value that is compared; empty for the output
 * @param heads the heads into which vectors are divided, for {@link Kind#RELATIONS}; otherwise 0
 */
public record LossTerm(Kind kind, double temperature, double weight, String value, int heads) {
    /**
     * A term that compares outputs.
     *
     * @param kind the formula
     * @param temperature divides logits before their softmax
     * @param weight the factor of the term
     */
    public LossTerm(Kind kind, double temperature, double weight) {
        this(kind, temperature, weight, "", 0);
    }

    /**
     * This term with another factor.
     *
     * @param factor multiplies the factor of the term
     * @return the changed copy
     */
    public LossTerm times(double factor) {
        return new LossTerm(kind, temperature, factor * weight, value, heads);
    }

    /** The formulas. All are means over samples, or over the vectors of all samples. */
    public enum Kind {
        /** The divergence of the classes from the teacher's, times the square of the temperature. */
        KL,
        /** The cross-entropy with the classes of labels. */
        LABELS,
        /** The mean squared difference from the teacher's output. */
        MSE,
        /** 1 less the cosine to the teacher's output. */
        COSINE,
        /** The mean squared difference from a hidden value of the teacher. */
        HIDDEN,
        /** The divergence of the relations between the vectors of a hidden value from the teacher's. */
        RELATIONS;

        /** {@return whether the output of the network is taken as classes} */
        public boolean isOfClasses() {
            return this == KL || this == LABELS;
        }
    }
}
