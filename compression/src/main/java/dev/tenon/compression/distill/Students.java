package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.prune.Saliency;
import dev.tenon.error.InvalidOptionException;
import java.util.function.UnaryOperator;

/**
 * Students that are cut out of their teacher, with its weights where training begins. Cuts are made in the order of the calls.
 * Immutable; each method returns a changed copy.
 */
public final class Students {
    private final Model teacher;
    private final UnaryOperator<Model> cut;

    private Students(Model teacher, UnaryOperator<Model> cut) {
        this.teacher = teacher;
        this.cut = cut;
    }

    /**
     * Students of a model.
     *
     * @param teacher the model, which stays as it is
     * @return a student that is its teacher still
     */
    public static Students of(Model teacher) {
        return new Students(teacher, UnaryOperator.identity());
    }

    private Students then(UnaryOperator<Model> more) {
        return new Students(teacher, model -> more.apply(cut.apply(model)));
    }

    /**
     * Keeps the first of each n layers. Layers are segments of the graph with the same operators and shapes that follow one another:
     * a single value leads from each to the next, as the residual stream of a transformer does.
     *
     * @param n at least 2
     * @return the changed copy; {@link #build} throws a {@link dev.tenon.compression.CompressionException} that tells the segments if
     *     the model has no repeated layers
     * @throws InvalidOptionException if n is less than 2
     */
    public Students everyNthLayer(int n) {
        if (n < 2) {
            throw new InvalidOptionException("Students.everyNthLayer", n + "", "2 or more", null);
        }
        return then(model -> model.withGraph(new Layers(model.graph()).keepingEvery(n)));
    }

    /**
     * Removes a share of the channels, neurons and heads of each layer: those with the smallest weights.
     *
     * @param share above 0 and below 1
     * @return the changed copy
     * @throws InvalidOptionException if the share is out of range
     */
    public Students channels(double share) {
        var step = Prune.structured(share)
                .by(Saliency.MAGNITUDE)
                .reconstruct(false)
                .leastWidth(1)
                .lastHidden(true);
        return then(model -> step.apply(model, StepContext.of(null, 0)));
    }

    /**
     * Makes the student.
     *
     * @return the student, with the inputs and outputs of its teacher
     * @throws dev.tenon.compression.CompressionException if a cut can't be made
     */
    public Model build() {
        return cut.apply(teacher);
    }
}
