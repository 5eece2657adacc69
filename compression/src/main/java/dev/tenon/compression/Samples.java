package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Inputs for a model: for calibration, or to judge a result. They are read as a stream, as often as they are needed, so a
 * file of any size takes the memory of one call. Each pass gives the same calls in the same order.
 */
public interface Samples {
    /**
     * Checks that the samples fit the inputs of a model. Called once before any work, so that hours are not spent on
     * samples that do not fit.
     *
     * @param inputs the inputs of the model
     * @return the calls
     * @throws CompressionException if a name, type or shape does not fit
     */
    Calls bind(List<ValueInfo> inputs);

    /**
     * The inputs of one call.
     *
     * @param inputs the inputs by name
     * @param samples the number of samples in them, at least 1
     */
    record Call(Map<String, Tensor> inputs, long samples) {}

    /** Samples that fit a model, as calls. A call holds one sample or a batch of them. */
    interface Calls {
        /** {@return the number of samples of all calls together} */
        long samples();

        /**
         * Goes through all calls in order.
         *
         * @param action receives each call; tensors may be kept
         * @throws CompressionException if the samples can't be read any more
         */
        void forEach(Consumer<Call> action);
    }

    /**
     * Calls that are in memory.
     *
     * @param calls the inputs of each call by name; a call counts as one sample
     * @return the samples
     */
    static Samples of(List<Map<String, Tensor>> calls) {
        return new GivenCalls(calls.stream()
                .map(inputs -> new Call(Map.copyOf(inputs), 1))
                .toList());
    }
}
