package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.StepContext;
import java.util.List;

/**
 * Trains the weights that other steps have left, so that the model gives the outputs of the model before compression again: after
 * channels were removed, products were split, weights became zero or got few bits. Float weights of two dimensions and more that are zero stay zero. The
 * standard rate is 0.0003.
 *
 * <pre>{@code
 * compressor.apply(Prune.structured(0.75), Heal.epochs(3))
 * }</pre>
 *
 * <p>Weights in integers before a DequantizeLinear are trained in float: each step rounds them to their scales, which stay, and gradients
 * pass the rounding as they are (straight through; Bengio, Leonard and Courville, 2013). The integers that they round to are the result.
 * An integer at the zero point may be a rounded weight or a pruned one, and is trained like the others: heal before weights become
 * integers to keep zeros.
 * Integers of blocks, and those of operators on integers, are not trained. Immutable; each method returns a changed copy.
 */
public final class Heal extends TrainedStep<Heal> {
    private static final double RATE = 3e-4;

    private Heal(Values settings) {
        super(settings);
    }

    /**
     * Heals for some epochs.
     *
     * @param count how often all samples are seen, at least 1
     * @return the step
     * @throws dev.tenon.error.InvalidOptionException if it is out of range
     */
    public static Heal epochs(int count) {
        return new Heal(new Values(RATE)).trainedFor(count);
    }

    @Override
    Heal copy(Values changed) {
        return new Heal(changed);
    }

    @Override
    public String name() {
        return "heal";
    }

    @Override
    public Model apply(Model model, StepContext context) {
        LatentWeights latent = new LatentWeights(model.graph());
        Model student = latent.thawed(model);
        return latent.frozen(model, trained(student, teachers(List.of(), name(), context), null, true, context));
    }
}
