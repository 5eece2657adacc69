package dev.tenon.compression;

import dev.tenon.Model;

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
}
