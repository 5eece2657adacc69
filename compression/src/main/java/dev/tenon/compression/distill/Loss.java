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
     * The mean squared difference of values inside of student and teacher. Where their vectors along the last axis differ in width, those
     * of the student are multiplied by a matrix, which is trained, too, and left out of the result (A. Romero et al., FitNets, 2015).
     * Several teachers give the mean of their values. As a rule it is a part of a loss beside one of outputs: see {@link #plus}.
     *
     * @param value the name of the value in the graph of the teacher; in that of the student, too, unless {@link Distill#map} tells
     *     another one
     * @return the loss
     */
    public static Loss hidden(String value) {
        return new Loss(List.of(new LossTerm(LossTerm.Kind.HIDDEN, 1, 1, value, 0)));
    }

    /**
     * The Kullback-Leibler divergence of the student's relations from the teacher's, in nats. The vectors of a value of samples, places
     * and features, such as the queries, keys or values of an attention, are divided into heads; relations are the softmax over all
     * places of the products of a place's vector with the others, divided by the square root of their length. Student and teacher need
     * not be of one width. Padded places count as others do. Source: W. Wang et al., MiniLMv2: Multi-Head Self-Attention Relation
     * Distillation, 2021.
     *
     * @param value the name of the value, as of {@link #hidden}
     * @param heads the heads, by which both widths can be divided; at least 1
     * @return the loss
     * @throws InvalidOptionException if there are fewer heads than one
     */
    public static Loss relations(String value, int heads) {
        if (heads < 1) {
            throw new InvalidOptionException("Loss.relations", heads + "", "1 or more heads", null);
        }
        return new Loss(List.of(new LossTerm(LossTerm.Kind.RELATIONS, 1, 1, value, heads)));
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
        other.terms.forEach(t -> all.add(t.times(weight)));
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
