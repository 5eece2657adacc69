package dev.tenon.compression;

import dev.tenon.Model;
import java.util.Collection;
import java.util.Optional;

/** A technique with its options, which changes a model: quantisation to INT8, say. Immutable. */
public interface Step {
    /** {@return the name of the technique, as in reports: {@code int8-static}} */
    String name();

    /** {@return whether the step needs samples for calibration} */
    boolean needsSamples();

    /**
     * Changes a model. The same model, samples and seed give the same bytes.
     *
     * @param model the model, which stays as it is
     * @param context samples, seed, and where to report
     * @return the changed model
     * @throws CompressionException if the step can't be done
     * @throws java.util.concurrent.CancellationException if the caller has cancelled the run
     */
    Model apply(Model model, StepContext context);

    /**
     * The same step for fewer layers. A {@link Compressor} asks for it when the floor is missed, and leaves the layers that
     * hurt most as they were. A step with a {@link LayerFilter} narrows it with {@link LayerFilter#leaving}.
     *
     * @param layers the names of the layers that the step must leave as they are, beside those that it leaves anyway
     * @return the changed copy; nothing if the step changes the model as a whole
     */
    default Optional<Step> leaving(Collection<String> layers) {
        return Optional.empty();
    }
}
