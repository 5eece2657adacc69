package dev.tenon.compression;

import java.util.List;
import java.util.Optional;

/**
 * What a compression changed, and what it cost.
 *
 * @param model the name of the model
 * @param recipe the names of the steps, joined by {@code +}
 * @param sizeBytes the bytes of the model as an ONNX file, external data included
 * @param parameters the number of stored elements of weights
 * @param flops twice the multiply-adds of a call with one sample, with dense weights
 * @param score how well the compressed model does, if it was evaluated
 * @param latency the time of a call with one sample, if it was measured
 * @param layers the effect on each layer, in the order of the steps and of the graph
 * @param isFloorMet whether the loss stays within what was allowed; true if nothing was asked for
 * @param seed the seed of all random choices
 */
public record CompressionReport(
        String model,
        String recipe,
        Change sizeBytes,
        Change parameters,
        Change flops,
        Optional<Score> score,
        Optional<Latency> latency,
        List<LayerReport> layers,
        boolean isFloorMet,
        long seed) {
    /**
     * A number before and after.
     *
     * @param before the number of the model before compression
     * @param after that of the compressed model
     */
    public record Change(long before, long after) {
        /** {@return after as a share of before; 1 if both are 0} */
        public double ratio() {
            return before == 0 && after == 0 ? 1 : (double) after / before;
        }
    }

    /**
     * The median time of a call with one sample.
     *
     * @param beforeMillis milliseconds of the model before compression
     * @param afterMillis milliseconds of the compressed model
     * @param threads the threads of a call
     */
    public record Latency(double beforeMillis, double afterMillis, int threads) {}

    /** Makes a report. */
    public CompressionReport {
        layers = List.copyOf(layers);
    }
}
