package dev.tenon.compression.quantize;

/**
 * The entry to quantisation with INT8 activations.
 *
 * <pre>{@code
 * Compressor.of(model)
 *     .calibrate(samples)
 *     .apply(Quantize.int8().calibration(Calibration.MSE).correctBias())
 *     .run();
 * }</pre>
 */
public final class Quantize {
    private Quantize() {}

    /**
     * Static quantisation: the ranges of activations are fixed, and chosen from samples.
     *
     * @return a step with uint8 activations, int8 weights with a scale for each output, and ranges of least squared error
     */
    public static StaticQuantization int8() {
        return new StaticQuantization();
    }

    /**
     * Dynamic quantisation: a call finds the range of its activations itself. It needs no samples.
     *
     * @return a step with uint8 activations, and int8 weights with a scale for each output
     */
    public static DynamicQuantization dynamicInt8() {
        return new DynamicQuantization();
    }
}
