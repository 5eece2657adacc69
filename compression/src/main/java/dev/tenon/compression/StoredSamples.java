package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ModelBytes;
import java.util.List;

/**
 * Samples in files, which are read as a stream: never more than one call is in memory. Immutable.
 *
 * <p>Arrays become calls so. An array of the input's rank holds samples as its rows. Where the batch of the model is fixed, a
 * call takes as many rows as it says. Otherwise a call takes up to 64, but not more than 16 MiB of inputs. An array of one
 * rank more holds the input of a call in each row, and the call counts as one sample.
 *
 * <p>Integers for an input of floating-point numbers become float32 as {@link #normalize} says. Integers for an input of
 * integers are widened, and floating-point numbers of another width are rounded. Other types are refused.
 */
public final class StoredSamples implements Samples {
    /** Where samples are stored. */
    interface Source {
        /** The calls, checked against the inputs of a model. */
        Calls bind(List<ValueInfo> inputs, PixelNormalization normalization);
    }

    private final Source source;
    private final PixelNormalization normalization;

    private StoredSamples(Source source, PixelNormalization normalization) {
        this.source = source;
        this.normalization = normalization;
    }

    static StoredSamples of(Source source) {
        return new StoredSamples(source, PixelNormalization.NONE);
    }

    /**
     * How integers become floating-point numbers: {@code (x * scale - mean) / std}, in float32. Without this the scale is 1,
     * the mean 0, and the standard deviation 1.
     *
     * @param scale a finite number
     * @param mean one number, or one a channel
     * @param std one number, or one a channel; none is 0
     * @param layout which axis of the input is that of the channels
     * @return the samples
     * @throws InvalidOptionException if a number is not finite or a divisor is 0. That there are as many numbers as channels is
     *     checked with the other properties of the samples
     */
    public StoredSamples normalize(double scale, double[] mean, double[] std, Layout layout) {
        return new StoredSamples(source, PixelNormalization.of(scale, mean, std, layout));
    }

    @Override
    public Calls bind(List<ValueInfo> inputs) {
        return ModelBytes.guarded("samples", () -> source.bind(inputs, normalization));
    }
}
