package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.options.Settings;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Quantises products and convolutions with constant weights to INT8. A call finds the range of its activations itself:
 * DynamicQuantizeLinear, MatMulInteger or ConvInteger, and a product with both scales, the form that ONNX Runtime writes and
 * fuses. The tables of embeddings get INT8 weights too, but compute in float. Immutable; each method returns a changed copy.
 */
public final class DynamicQuantization implements Step {
    private static final class Values extends Settings<Values> {
        private boolean isPerChannel = true;
        private boolean isRangeReduced;
        private boolean areTablesQuantized = true;
        private boolean areConvolutionsInteger = true;
        private LayerFilter filter = LayerFilter.all();
        private LayerFilter weightOnly;
        private boolean isSmoothed;
        private boolean isSmoothedIfCalibrated;
        private OptionalDouble smoothing = OptionalDouble.empty();
    }

    private final Values settings;

    private DynamicQuantization(Values settings) {
        this.settings = settings;
    }

    private DynamicQuantization with(Consumer<Values> change) {
        return new DynamicQuantization(settings.with(change));
    }

    DynamicQuantization() {
        this(new Values());
    }

    /**
     * Gives the weights of each output a scale of their own. This is the default.
     *
     * @return the changed copy
     */
    public DynamicQuantization perChannel() {
        return with(s -> s.isPerChannel = true);
    }

    /**
     * Gives all weights of a layer one scale.
     *
     * @return the changed copy
     */
    public DynamicQuantization perTensor() {
        return with(s -> s.isPerChannel = false);
    }

    /**
     * Uses 7 bits of weights, from -64 to 64, for processors whose sums of two products of bytes saturate at 16 bits.
     *
     * @return the changed copy
     */
    public DynamicQuantization reduceRange() {
        return with(s -> s.isRangeReduced = true);
    }

    /**
     * Leaves large constants that are no weights of layers in float: tables of embeddings, and positions that are added. The
     * default stores them in INT8, and computes with them in float.
     *
     * @return the changed copy
     */
    public DynamicQuantization withoutTables() {
        return with(s -> s.areTablesQuantized = false);
    }

    /**
     * Quantises the weights of convolutions alone, which multiply in float then. It is more exact, and often faster: the range
     * of activations takes a pass over them.
     *
     * @return the changed copy
     */
    public DynamicQuantization withoutConvolutions() {
        return with(s -> s.areConvolutionsInteger = false);
    }

    /**
     * Sets the layers that may be quantised. The others stay as they are.
     *
     * @param layers the filter
     * @return the changed copy
     */
    public DynamicQuantization layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * Sets the layers whose weights alone are quantised. They are as small as the others, and multiply in float. The report
     * names them.
     *
     * @param layers the filter
     * @return the changed copy
     */
    public DynamicQuantization weightOnly(LayerFilter layers) {
        return with(s -> s.weightOnly = layers);
    }

    /**
     * Moves the differences of channels from activations to weights (G. Xiao et al., SmoothQuant, 2023), with the exponent of
     * least estimated error for each input of products. It
     * needs samples.
     *
     * @return the changed copy
     */
    public DynamicQuantization smooth() {
        return with(s -> {
            s.isSmoothed = true;
            s.smoothing = OptionalDouble.empty();
        });
    }

    /**
     * Moves the differences of channels from activations to weights. It needs samples.
     *
     * @param alpha the exponent a of {@code s = max|X|^a / max|W|^(1-a)}, by which a channel is divided, in [0, 1]
     * @return the changed copy
     * @throws dev.tenon.compression.CompressionException if it is out of range
     */
    public DynamicQuantization smooth(double alpha) {
        Smoothing.check(alpha);
        return with(s -> {
            s.isSmoothed = true;
            s.smoothing = OptionalDouble.of(alpha);
        });
    }

    /**
     * Moves the differences of channels as {@link #smooth()} does if there are samples, and leaves them otherwise.
     *
     * @return the changed copy
     */
    public DynamicQuantization smoothIfCalibrated() {
        return with(s -> {
            s.isSmoothed = false;
            s.isSmoothedIfCalibrated = true;
            s.smoothing = OptionalDouble.empty();
        });
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return "int8-dynamic";
    }

    @Override
    public boolean needsSamples() {
        return settings.isSmoothed;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        DynamicQuantization step =
                settings.isSmoothedIfCalibrated && context.samples().isPresent() ? smooth() : this;
        return new DynamicQuantizer(step, model, context).run();
    }

    boolean isPerChannel() {
        return settings.isPerChannel;
    }

    boolean areTablesQuantized() {
        return settings.areTablesQuantized;
    }

    boolean areConvolutionsInteger() {
        return settings.areConvolutionsInteger;
    }

    LayerFilter filter() {
        return settings.filter;
    }

    /** The layers whose weights alone are quantised; null if there are none. */
    LayerFilter weightOnly() {
        return settings.weightOnly;
    }

    boolean isSmoothed() {
        return settings.isSmoothed;
    }

    OptionalDouble smoothing() {
        return settings.smoothing;
    }

    int mostWeight() {
        return settings.isRangeReduced ? 1 << (Byte.SIZE - 2) : Byte.MAX_VALUE;
    }
}
