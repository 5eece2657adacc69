package dev.tenon.compression.distill;

import dev.tenon.compression.train.LossTerm;
import dev.tenon.error.InvalidOptionException;
import java.util.ArrayList;
import java.util.List;

/** How far a student is from its teacher: a term, or a weighted sum of several. Immutable. */
public final class Loss {
    private final List<LossTerm> terms;

    private Loss(List<LossTerm> terms) {
        this.terms = terms;
    }

    private static Loss of(LossTerm.Kind kind, double temperature) {
        return new Loss(List.of(new LossTerm(kind, temperature, 1)));
    }

    /**
     * The Kullback-Leibler divergence of the student's classes from the teacher's, in nats, times the square of the temperature. The
     * last axis of the compared output is that of the classes. Outputs are logits; a student's softmax at its end is left out, and
     * outputs of a teacher that sum to 1 count as probabilities. Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a
     * Neural Network, 2015.
     *
     * @param temperature divides the logits of both: above 1 the classes that are not the likeliest count more
     * @return the loss
     * @throws InvalidOptionException if it is not above 0, or infinite
     */
    public static Loss kl(double temperature) {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new InvalidOptionException("Loss.kl", temperature + "", "finite numbers above 0", null);
        }
        return of(LossTerm.Kind.KL, temperature);
    }

    /**
     * The cross-entropy of the student's classes with labels, in nats. The labels come from {@link Distill#labels}.
     *
     * @return the loss
     */
    public static Loss labels() {
        return of(LossTerm.Kind.LABELS, 1);
    }

    /**
     * The mean squared difference of the outputs.
     *
     * @return the loss
     */
    public static Loss meanSquaredError() {
        return of(LossTerm.Kind.MSE, 1);
    }

    /**
     * 1 less the mean cosine of the vectors along the last axis of the outputs.
     *
     * @return the loss
     */
    public static Loss cosine() {
        return of(LossTerm.Kind.COSINE, 1);
    }

    /**
     * This loss and another one.
     *
     * @param weight the factor of the other one
     * @param other the other one
     * @return the sum
     * @throws InvalidOptionException if the weight is not above 0, or infinite
     */
    public Loss plus(double weight, Loss other) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new InvalidOptionException("Loss.plus", weight + "", "finite numbers above 0", null);
        }
        List<LossTerm> all = new ArrayList<>(terms);
        other.terms.forEach(t -> all.add(new LossTerm(t.kind(), t.temperature(), weight * t.weight())));
        return new Loss(List.copyOf(all));
    }

    List<LossTerm> terms() {
        return terms;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Loss that && terms.equals(that.terms);
    }

    @Override
    public int hashCode() {
        return terms.hashCode();
    }

    @Override
    public String toString() {
        return terms.toString();
    }
}
