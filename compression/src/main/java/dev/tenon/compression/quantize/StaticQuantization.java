package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.Calibration;
import dev.tenon.options.Settings;
import dev.tenon.tensor.DType;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Quantises products and convolutions with INT8 activations whose ranges are fixed, and writes QuantizeLinear and
 * DequantizeLinear, or operators on integers. The operators between stay in float where integers would cost accuracy and save
 * nothing. Immutable; each
 * method returns a changed copy.
 */
public final class StaticQuantization implements Step {
    private static final int INT4_BITS = 4;
    private static final int INT3_BITS = 3;

    private static final class Values extends Settings<Values> {
        private Calibration calibration = Calibration.MSE;
        private DType activations = DType.UINT8;
        private boolean isSymmetric;
        private boolean isPerChannel = true;
        private boolean isRangeReduced;
        private boolean areTablesQuantized = true;
        private boolean isOperatorForm;
        private LayerFilter filter = LayerFilter.all();
        private boolean isEqualized;
        private boolean isBiasCorrected;
        private OptionalDouble smoothing = OptionalDouble.empty();
        private boolean isSmoothed;
        private int weightBits = Byte.SIZE;
        private WeightRounding rounding = WeightRounding.nearest();
    }

    private final Values settings;

    private StaticQuantization(Values settings) {
        this.settings = settings;
    }

    private StaticQuantization with(Consumer<Values> change) {
        return new StaticQuantization(settings.with(change));
    }

    StaticQuantization() {
        this(new Values());
    }

    /**
     * Gives the weights of each output a scale of their own. This is the default.
     *
     * @return the changed copy
     */
    public StaticQuantization perChannel() {
        return with(s -> s.isPerChannel = true);
    }

    /**
     * Gives all weights of a layer one scale.
     *
     * @return the changed copy
     */
    public StaticQuantization perTensor() {
        return with(s -> s.isPerChannel = false);
    }

    /**
     * Sets how the ranges of activations are chosen. The default is {@link Calibration#MSE}.
     *
     * @param chosen the calibration
     * @return the changed copy
     */
    public StaticQuantization calibration(Calibration chosen) {
        return with(s -> s.calibration = chosen);
    }

    /**
     * Sets the type of activations.
     *
     * @param type uint8, which is the default, or int8
     * @return the changed copy
     * @throws CompressionException if it is another type
     */
    public StaticQuantization activations(DType type) {
        if (type != DType.UINT8 && type != DType.INT8) {
            throw new CompressionException("type of activations", type.text(), "uint8, int8", null);
        }
        return with(s -> s.activations = type);
    }

    /**
     * Puts zero in the middle of the integers of activations. Half of them stand for negative numbers then, even where there
     * are none.
     *
     * @return the changed copy
     */
    public StaticQuantization symmetric() {
        return with(s -> s.isSymmetric = true);
    }

    /**
     * Uses 7 bits of INT8 weights, from -64 to 64, for processors whose sums of two products of bytes saturate at 16 bits.
     *
     * @return the changed copy
     */
    public StaticQuantization reduceRange() {
        return with(s -> s.isRangeReduced = true);
    }

    /**
     * Leaves large constants that are no weights of layers in float: tables of embeddings, and positions that are added. The
     * default stores them in INT8, and computes with them in float.
     *
     * @return the changed copy
     */
    public StaticQuantization withoutTables() {
        return with(s -> s.areTablesQuantized = false);
    }

    /**
     * Writes operators on integers: QLinearConv, QLinearMatMul, MatMulInteger for products with a result in float, and
     * QGemm, QLinearAdd, QLinearMul, QLinearConcat, QLinearAveragePool, QLinearGlobalAveragePool, QLinearSigmoid and
     * QLinearLeakyRelu of ONNX Runtime. Operators that only move numbers, such as Reshape and MaxPool, take integers. The
     * default is {@link #asQdq()}. Results are the same but for numbers half way between two steps.
     *
     * @return the changed copy; applying it fails for weights of fewer than 8 bits, which these operators do not take
     */
    public StaticQuantization asQOperator() {
        return with(s -> s.isOperatorForm = true);
    }

    /**
     * Writes QuantizeLinear and DequantizeLinear around operators in float. This is the default: every reader of ONNX knows
     * it, and ONNX Runtime fuses it to operators on integers.
     *
     * @return the changed copy
     */
    public StaticQuantization asQdq() {
        return with(s -> s.isOperatorForm = false);
    }

    /**
     * Sets the layers that may be quantised. The others stay as they are.
     *
     * @param layers the filter
     * @return the changed copy
     */
    public StaticQuantization layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * Scales the channels between two layers first, so that each channel uses as much of the range before as after. It
     * matters with one scale for all weights, and for few bits. A channel is divided by
     * {@code s = sqrt(max(r1 / R1, a / A) / (r2 / R2))} and multiplied again, where r1 and r2 are its largest weights in both
     * layers, a its largest activation, and R1, A and R2 the largest of all channels. It is cross-layer equalisation (M. Nagel
     * et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019) that counts activations, too.
     *
     * @return the changed copy
     */
    public StaticQuantization equalize() {
        return with(s -> s.isEqualized = true);
    }

    /**
     * Moves the differences of channels from activations to weights (G. Xiao et al., SmoothQuant, 2023), with the exponent of
     * least estimated error for each input of products.
     *
     * @return the changed copy
     */
    public StaticQuantization smooth() {
        return with(s -> {
            s.isSmoothed = true;
            s.smoothing = OptionalDouble.empty();
        });
    }

    /**
     * Moves the differences of channels from activations to weights.
     *
     * @param alpha the exponent a of {@code s = max|X|^a / max|W|^(1-a)}, by which a channel is divided, in [0, 1]
     * @return the changed copy
     * @throws CompressionException if it is out of range
     */
    public StaticQuantization smooth(double alpha) {
        Smoothing.check(alpha);
        return with(s -> {
            s.isSmoothed = true;
            s.smoothing = OptionalDouble.of(alpha);
        });
    }

    /**
     * Adds to the biases what quantisation takes from the mean of each output, layer after layer: {@code b += E[y - y^]}
     * (M. Nagel et al., 2019). Each layer takes a pass over the samples through the part of the model before it.
     *
     * @return the changed copy
     */
    public StaticQuantization correctBias() {
        return with(s -> s.isBiasCorrected = true);
    }

    /**
     * Sets the bits of weights. Those of 4 and 3 bits are stored as int4, for which a model needs operator set 21.
     *
     * @param bits 8, 4 or 3
     * @return the changed copy
     * @throws CompressionException if it is another number
     */
    public StaticQuantization weightBits(int bits) {
        if (bits != Byte.SIZE && bits != INT4_BITS && bits != INT3_BITS) {
            throw new CompressionException("bits of weights", bits + "", "8, 4, 3", null);
        }
        return with(s -> s.weightBits = bits);
    }

    /**
     * Sets how weights are rounded. The default is the nearest integer.
     *
     * @param chosen the rounding
     * @return the changed copy
     */
    public StaticQuantization rounding(WeightRounding chosen) {
        return with(s -> s.rounding = chosen);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return settings.weightBits == Byte.SIZE ? "int8-static" : "w" + settings.weightBits + "a8";
    }

    @Override
    public boolean needsSamples() {
        return true;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        if (settings.isOperatorForm && settings.weightBits != Byte.SIZE) {
            throw new CompressionException(
                    "form of quantised operators",
                    "qoperator with weights of " + settings.weightBits + " bits",
                    "qdq, or weights of 8 bits",
                    "leave out asQOperator()");
        }
        return new StaticQuantizer(this, model, context).run();
    }

    Calibration calibration() {
        return settings.calibration;
    }

    DType activations() {
        return settings.activations;
    }

    boolean isSymmetric() {
        return settings.isSymmetric;
    }

    boolean isPerChannel() {
        return settings.isPerChannel;
    }

    boolean isEqualized() {
        return settings.isEqualized;
    }

    boolean isSmoothed() {
        return settings.isSmoothed;
    }

    OptionalDouble smoothing() {
        return settings.smoothing;
    }

    boolean isBiasCorrected() {
        return settings.isBiasCorrected;
    }

    boolean areTablesQuantized() {
        return settings.areTablesQuantized;
    }

    boolean isOperatorForm() {
        return settings.isOperatorForm;
    }

    LayerFilter filter() {
        return settings.filter;
    }

    WeightRounding rounding() {
        return settings.rounding;
    }

    int weightBits() {
        return settings.weightBits;
    }

    /** The least integer of a weight. INT8 leaves out -128, so that the integers are symmetric. */
    int minWeight() {
        return settings.weightBits < Byte.SIZE ? -(1 << (settings.weightBits - 1)) : -maxWeight();
    }

    /** The largest integer of a weight. */
    int maxWeight() {
        return settings.weightBits < Byte.SIZE
                ? (1 << (settings.weightBits - 1)) - 1
                : settings.isRangeReduced ? 1 << (Byte.SIZE - 2) : Byte.MAX_VALUE;
    }

    /** The report of a layer that is quantised. */
    LayerReport report(QuantizedWeights w) {
        return LayerReport.changed(w.layer().name(), name(), w.bits(), w.sparsity(), w.sqnr());
    }
}
