package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.Limits;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

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
    record Call(Map<String, Tensor> inputs, long samples) {
        /**
         * Checks that this call fits a model.
         *
         * @param thing the name of the call, for the message
         * @param wanted the inputs of the model
         * @return this
         * @throws CompressionException if an input is missing or has another type or shape
         */
        public Call checked(String thing, List<ValueInfo> wanted) {
            for (ValueInfo input : wanted) {
                Tensor t = inputs.get(input.name());
                if (t == null) {
                    String names = wanted.stream().map(ValueInfo::name).collect(Collectors.joining(", "));
                    throw new CompressionException(thing, "no input '" + input.name() + "'", names, null);
                }
                if (!input.type().accepts(t.type())) {
                    throw new CompressionException(
                            thing,
                            t.type().text() + " for input '" + input.name() + "'",
                            input.type().text(),
                            null);
                }
            }
            return this;
        }

        /**
         * The first sample of this call.
         *
         * @param taken the inputs of the model
         * @return a call with one sample; this call if an input has no row for each sample, or the model takes no other batch
         */
        public Call one(List<ValueInfo> taken) {
            if (samples == 1) {
                return this;
            }
            Map<String, Tensor> one = new LinkedHashMap<>();
            for (ValueInfo input : taken) {
                Tensor t = inputs.get(input.name());
                boolean isAnyBatch = input.type() instanceof TensorType type
                        && (!type.shape().hasRank()
                                || type.shape().rank() > 0
                                        && !type.shape().dim(0).isKnown());
                if (t == null || !isAnyBatch || t.rank() == 0 || t.dim(0) != samples) {
                    return this;
                }
                one.put(input.name(), t.slice(0, 1).copy());
            }
            return new Call(one, 1);
        }
    }

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

        /** {@return whether the calls have another order than the data, so that labels do not belong to them} */
        default boolean isShuffled() {
            return false;
        }

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
     * @param file the file; it is read when it is used. It keeps within {@link ArchiveLimits#standard}
     * @return the samples
     */
    static StoredSamples npz(Path file) {
        return npz(file, ArchiveLimits.standard());
    }

    /**
     * An archive of arrays as {@link #npz(Path)} takes it, with limits of its own.
     *
     * @param file the file; it is read when it is used
     * @param limits what the archive may hold. If it holds more, {@link #bind} throws a
     *     {@link dev.tenon.error.ResourceLimitException} that names the limit
     * @return the samples
     */
    static StoredSamples npz(Path file, ArchiveLimits limits) {
        return StoredSamples.of((inputs, normalization) ->
                new ArrayCalls(file.toString(), () -> OpenArrays.ofArchive(file, limits), inputs, normalization));
    }

    /**
     * The limits of an archive of arrays: an archive of a few megabytes may claim to hold terabytes. Sizes are those after
     * decompression. They are counted before arrays are read. Immutable; each method that takes a value returns a changed copy.
     */
    final class ArchiveLimits {
        /** The bytes of arrays that may be packed as well as they can. */
        public static final long ANY_RATIO_BYTES = 1L << 28;

        private static final ArchiveLimits STANDARD = new ArchiveLimits(new Values());

        private static final class Values extends Settings<Values> {
            private long maxBytes = 1L << 36;
            private long maxArrayBytes = 1L << 35;
            private long maxRatio = 200;
            private int maxArrays = 1000;

            private List<Object> all() {
                return List.of(maxBytes, maxArrayBytes, maxRatio, maxArrays);
            }
        }

        private final Values settings;

        private ArchiveLimits(Values settings) {
            this.settings = settings;
        }

        private ArchiveLimits with(String name, long value, Consumer<Values> change) {
            if (value < 1) {
                throw new InvalidOptionException(
                        "Samples.ArchiveLimits." + name, Long.toString(value), "1 or more", null);
            }
            return new ArchiveLimits(settings.with(change));
        }

        /**
         * The standard limits: 64 GiB in all, 32 GiB for an array, a ratio of 200, 1,000 arrays.
         *
         * @return the limits
         */
        public static ArchiveLimits standard() {
            return STANDARD;
        }

        /**
         * These limits with another {@link #maxBytes()}.
         *
         * @param bytes the new limit, positive
         * @return the changed limits
         * @throws InvalidOptionException if it is not positive
         */
        public ArchiveLimits maxBytes(long bytes) {
            return with("maxBytes", bytes, s -> s.maxBytes = bytes);
        }

        /**
         * These limits with another {@link #maxArrayBytes()}.
         *
         * @param bytes the new limit, positive
         * @return the changed limits
         * @throws InvalidOptionException if it is not positive
         */
        public ArchiveLimits maxArrayBytes(long bytes) {
            return with("maxArrayBytes", bytes, s -> s.maxArrayBytes = bytes);
        }

        /**
         * These limits with another {@link #maxRatio()}.
         *
         * @param ratio the new limit, positive
         * @return the changed limits
         * @throws InvalidOptionException if it is not positive
         */
        public ArchiveLimits maxRatio(long ratio) {
            return with("maxRatio", ratio, s -> s.maxRatio = ratio);
        }

        /**
         * These limits with another {@link #maxArrays()}.
         *
         * @param count the new limit, positive
         * @return the changed limits
         * @throws InvalidOptionException if it is not positive
         */
        public ArchiveLimits maxArrays(int count) {
            return with("maxArrays", count, s -> s.maxArrays = count);
        }

        /**
         * The most bytes of all arrays.
         *
         * @return the limit
         */
        public long maxBytes() {
            return settings.maxBytes;
        }

        /**
         * The most bytes of one array.
         *
         * @return the limit
         */
        public long maxArrayBytes() {
            return settings.maxArrayBytes;
        }

        /**
         * The most bytes of all arrays for each byte of the file, in archives that hold more than
         * {@value #ANY_RATIO_BYTES} bytes. Zeros are packed a thousand times smaller, numbers of all kinds two to ten times.
         *
         * @return the limit
         */
        public long maxRatio() {
            return settings.maxRatio;
        }

        /**
         * The most arrays. Each takes some hundred kilobytes of memory.
         *
         * @return the limit
         */
        public int maxArrays() {
            return settings.maxArrays;
        }

        /** The limits for the reader of an array. */
        Limits ofArrays() {
            return Limits.standard().maxModelBytes(maxArrayBytes()).maxTensorBytes(maxArrayBytes());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ArchiveLimits that && settings.all().equals(that.settings.all());
        }

        @Override
        public int hashCode() {
            return settings.all().hashCode();
        }
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
