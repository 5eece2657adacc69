package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.StepContext;
import java.util.List;
import java.util.Map;

/**
 * Trains the weights that other steps have left, so that the model gives the outputs of the model before compression again: after
 * channels were removed, products were split, weights became zero or got few bits. Float weights of two dimensions and more that are zero stay zero. The
 * standard rate is 0.0003.
 *
 * <pre>{@code
 * compressor.apply(Prune.structured(0.75), Heal.epochs(3))
 * }</pre>
 *
 * <p>Weights in integers before a DequantizeLinear, for each channel or in blocks, are trained in float: each step rounds them to their
 * scales, which stay unless {@link #learnScales} is called, and gradients pass the rounding as they are (straight through; Bengio, Leonard and Courville, 2013). The integers that they round to are the result.
 * An integer at the zero point may be a rounded weight or a pruned one, and is trained like the others: heal before weights become
 * integers to keep zeros.
 * Zero points stay. Integers of tables that rows are gathered from, and those of operators on integers, are not trained. Immutable; each method returns a changed copy.
 */
public final class Heal extends TrainedStep<Heal> {
    private static final double RATE = 3e-4;

    private final boolean learnsScales;

    private Heal(Values settings, boolean learnsScales) {
        super(settings);
        this.learnsScales = learnsScales;
    }

    /**
     * Heals for some epochs.
     *
     * @param count how often all samples are seen, at least 1
     * @return the step
     * @throws dev.tenon.error.InvalidOptionException if it is out of range
     */
    public static Heal epochs(int count) {
        return new Heal(new Values(RATE), false).trainedFor(count);
    }

    @Override
    Heal copy(Values changed) {
        return new Heal(changed, learnsScales);
    }

    /**
     * Learns the scales of weights and activations, too, where QuantizeLinear and DequantizeLinear have them as constants (S. Esser et
     * al., Learned Step Size Quantization, 2020). A step changes a scale by a share of about the rate. The scale of an integer bias
     * that is that of the input times that of the weights stays so.
     *
     * @return the changed copy
     */
    public Heal learnScales() {
        return new Heal(settings(), true);
    }

    /** {@return the name, the options, and whether scales are learned} */
    @Override
    public String toString() {
        return super.toString() + (learnsScales ? " learned scales" : "");
    }

    @Override
    public String name() {
        return "heal";
    }

    @Override
    public Model apply(Model model, StepContext context) {
        LatentWeights latent = new LatentWeights(model.graph(), learnsScales);
        Made made = new Made(latent.thawed(model), latent.scales(), Map.of(), true);
        return latent.frozen(model, trained(made, teachers(List.of(), name(), context), null, context));
    }
}
