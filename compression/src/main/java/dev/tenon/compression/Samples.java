package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Where the channels of a picture are. */
    enum Layout {
        /** The second axis: [batch, channels, ...]. */
        NCHW,
        /** The last axis: [batch, ..., channels]. */
        NHWC
    }

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

        /**
         * The first call, without reading the others.
         *
         * @return the call; empty if there is none
         * @throws CompressionException if the samples can't be read any more
         */
        default Optional<Call> first() {
            return FirstSample.call(this);
        }
    }

    /**
     * Calls that are in memory.
     *
     * @param calls the inputs of each call by name; a call counts as one sample
     * @return the samples
     */
    static Samples of(List<Map<String, Tensor>> calls) {
        return new GivenCalls(
                calls.stream().map(inputs -> new Call(Map.copyOf(inputs), 1)).toList());
    }

    /**
     * An array file for a model with one input, or a folder with an array file {@code NAME.npy} for each input. The first axis
     * tells samples apart. {@link StoredSamples} says how arrays become calls.
     *
     * @param path the file or folder; it is read when it is used
     * @return the samples
     */
    static StoredSamples npy(Path path) {
        return StoredSamples.of(new ArrayFiles(path));
    }

    /**
     * An archive of arrays by the names of inputs, as {@code numpy.savez} and {@code savez_compressed} write it. The first
     * axis of each array tells samples apart. {@link StoredSamples} says how arrays become calls.
     *
     * @param file the file; it is read when it is used
     * @return the samples
     */
    static StoredSamples npz(Path file) {
        return StoredSamples.of((inputs, normalization) ->
                new ArrayCalls(file.toString(), () -> OpenArrays.ofArchive(file), inputs, normalization));
    }

    /**
     * The inputs of backend tests: {@code test_data_set_0/input_0.pb} and so on, in the folder or in the folders that it holds.
     * Each data set is a call, in the order of its number. A file belongs to the input whose name the file has, otherwise to the
     * input of its number. A call counts as many samples as the first dimension of the first input says, if this input has
     * at least two.
     *
     * @param folder the folder; it is read when it is used
     * @return the samples
     */
    static StoredSamples folder(Path folder) {
        return StoredSamples.of(new DataSets(folder));
    }
}
