package dev.tenon.compression.train;

/**
 * A term of a loss, which is the sum of its terms.
 *
 * @param kind the formula
 * @param temperature divides logits before their softmax, for {@link Kind#KL}; otherwise 1
 * @param weight the factor of the term
 */
public record LossTerm(Kind kind, double temperature, double weight) {
    /** The formulas. All are means over samples, or over the vectors of all samples. */
    public enum Kind {
        /** The divergence of the classes from the teacher's, times the square of the temperature. */
        KL,
        /** The cross-entropy with the classes of labels. */
        LABELS,
        /** The mean squared difference from the teacher's output. */
        MSE,
        /** 1 less the cosine to the teacher's output. */
        COSINE;

        /** {@return whether the output of the network is taken as classes} */
        public boolean isOfClasses() {
            return this == KL || this == LABELS;
        }
    }
}
