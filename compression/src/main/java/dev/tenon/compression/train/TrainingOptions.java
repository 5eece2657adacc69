package dev.tenon.compression.train;

import java.util.List;

/**
 * How weights are trained.
 *
 * @param terms the terms of the loss, at least one
 * @param optimizer how weights follow gradients
 * @param epochs how often all samples are seen, at least 1
 * @param patience after how many epochs without a smaller loss training ends; 0 for never
 * @param batch samples of a step, at least 1
 * @param threads threads of a step, 0 for all processors
 * @param seed the seed of the order of samples, and of the choice of those that judge
 * @param average the share of the mean of weights that stays in a step, in [0, 1); 0 for the weights themselves
 * @param keepsZeros whether weights that are zero before stay zero
 */
public record TrainingOptions(
        List<LossTerm> terms,
        OptimizerOptions optimizer,
        int epochs,
        int patience,
        int batch,
        int threads,
        long seed,
        double average,
        boolean keepsZeros) {
    /** Copies the list. */
    public TrainingOptions {
        terms = List.copyOf(terms);
    }

    /**
     * How weights follow gradients. The rate rises from 0 over the first twentieth of all steps, and falls to 0 by half of a cosine.
     *
     * @param kind the rule
     * @param rate the largest rate of a step
     * @param decay the share of itself, times the rate, that a weight loses in a step; weights of one dimension lose nothing
     * @param clip the largest norm of all gradients together; larger ones are scaled down to it
     */
    public record OptimizerOptions(Kind kind, double rate, double decay, double clip) {}

    /** The rules by which weights follow gradients. */
    public enum Kind {
        /** AdamW with 0.9, 0.999 and 1e-8. */
        ADAM_W,
        /** Stochastic gradient descent with a momentum of 0.9. */
        MOMENTUM
    }

    /** Whether a term compares with labels. */
    boolean hasLabels() {
        return terms.stream().anyMatch(term -> term.kind() == LossTerm.Kind.LABELS);
    }

    /** Whether a term compares with a teacher. */
    boolean hasTeacher() {
        return terms.stream().anyMatch(term -> term.kind() != LossTerm.Kind.LABELS);
    }

    /** Whether the output of the network is taken as classes. */
    boolean isOfClasses() {
        return terms.stream().anyMatch(term -> term.kind().isOfClasses());
    }
}
