package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OperatorTable;
import java.util.List;

/** The operators of the standard's main domain. */
public final class StandardDomain {
    /** The name of the domain. */
    public static final String NAME = "";

    /** The newest version of the main operator set. Canonical operators are those of this version. */
    public static final int NEWEST = 28;

    private StandardDomain() {}

    /**
     * Adds the rows of the operators to a table.
     *
     * @param t the table
     */
    public static void rows(OperatorTable t) {
        elementwise(t);
        linear(t);
        normalisation(t);
        images(t);
        recurrent(t);
        reductions(t);
        quantisation(t);
        shapes(t);
        indices(t);
        signals(t);
        random(t);
        sequences(t);
        control(t);
        retired(t);
    }

    private static void elementwise(OperatorTable t) {
        t.same(1, "Abs", "Ceil", "Elu", "Exp", "Floor", "HardSigmoid", "LeakyRelu", "Log", "Neg", "Not");
        t.same(1, "Reciprocal", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Tanh");
        // An experimental operator before version 10 made it a part of the standard.
        t.older(1, 10, "ThresholdedRelu", NodeLowering::unchanged);
        t.same(7, "Acos", "Asin", "Atan", "Cos", "Sin", "Tan");
        t.same(9, "Acosh", "Asinh", "Atanh", "Cosh", "Erf", "IsNaN", "Shrink", "Sign", "Sinh", "Where");
        t.same(10, "IsInf", "Mod");
        t.same(11, "BitShift", "Round");
        t.same(12, "Celu", "GreaterOrEqual", "LessOrEqual");
        t.same(14, "HardSwish");
        t.same(15, "CastLike");
        t.same(18, "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Mish");
        t.same(20, "Gelu");
        t.same(24, "Swish");
        t.same(26, "BitCast");
        t.same(28, "SwiGLU");
        t.lowered(1, 5, "Cast", AttributeLowerings::castByName);
        t.lowered(6, "Cast", AttributeLowerings::cast);
        t.older(1, 6, "Selu", AttributeLowerings::selu);
        t.older(1, 7, "PRelu", LegacyBroadcasting::prelu);
        t.older(1, 7, List.of("Add", "Sub", "Mul", "Div", "Pow"), LegacyBroadcasting::binary);
        t.older(1, 7, List.of("And", "Or", "Xor", "Equal", "Greater", "Less"), LegacyBroadcasting::binary);
        t.older(1, 8, List.of("Max", "Mean", "Min", "Sum"), LegacyBroadcasting::equalShapes);
        t.older(1, 11, "Clip", AttributeLowerings::clip);
    }

    private static void linear(OperatorTable t) {
        t.same(1, "Conv", "ConvTranspose", "Gemm", "MatMul");
        t.same(12, "Einsum");
        t.same(19, "DeformConv");
        t.same(27, "CausalConvWithState", "LinearAttention");
        t.lowered(23, "Attention", AttributeLowerings::attention);
    }

    private static void normalisation(OperatorTable t) {
        t.same(1, "InstanceNormalization", "LRN", "LpNormalization");
        t.same(12, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");
        t.same(23, "RMSNormalization");
        t.older(1, 9, "MeanVarianceNormalization", NormalizationLowerings::meanVariance);
        t.older(1, 13, List.of("Softmax", "LogSoftmax", "Hardmax"), NormalizationLowerings::softmaxOfMatrix);
        t.older(1, 14, "BatchNormalization", NormalizationLowerings::batch);
        // ONNX Runtime has it in versions before it became a part of the standard.
        t.older(1, 17, "LayerNormalization", NormalizationLowerings::layerOfTwoTypes);
        t.older(18, 21, "GroupNormalization", NormalizationLowerings::groupsOfChannels);
        // Models that ONNX Runtime has optimised have it in the main domain too.
        t.lowered(1, "SimplifiedLayerNormalization", NormalizationLowerings::simplifiedLayer);
        t.lowered(1, 11, "Dropout", DropoutLowerings::ratioAsAttribute);
        t.lowered(12, "Dropout", DropoutLowerings::dropout);
    }

    private static void images(OperatorTable t) {
        t.same(1, "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool", "MaxRoiPool");
        t.same(9, "MaxUnpool");
        t.same(10, "NonMaxSuppression");
        t.same(18, "CenterCropPad", "Col2Im");
        t.same(20, "AffineGrid", "ImageDecoder");
        t.older(1, 2, List.of("LpPool", "GlobalLpPool"), ImageLowerings::lpPool);
        t.older(10, 16, "RoiAlign", ImageLowerings::roiAlign);
        t.older(16, 20, "GridSample", ImageLowerings::gridSample);
        t.lowered(1, 6, "Upsample", ImageLowerings::upsampleOfImages);
        t.lowered(7, 9, "Upsample", ImageLowerings::upsample);
        t.lowered(10, 10, "Resize", ImageLowerings::resizeByScales);
        t.older(11, 13, "Resize", ImageLowerings::resizeOfEmpty);
    }

    private static void recurrent(OperatorTable t) {
        t.older(1, 7, List.of("RNN", "LSTM", "GRU"), AttributeLowerings::recurrent);
        t.same(23, "RotaryEmbedding");
        t.same(24, "TensorScatter");
    }

    private static void reductions(OperatorTable t) {
        t.same(1, "ArgMax", "ArgMin");
        t.same(11, "CumSum");
        t.same(26, "CumProd");
        t.older(1, 13, "ReduceSum", AttributeLowerings::axes);
        t.older(
                1,
                18,
                List.of("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"),
                AttributeLowerings::axes);
        t.older(1, 18, List.of("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd"), AttributeLowerings::axes);
    }

    private static void quantisation(OperatorTable t) {
        t.same(10, "ConvInteger", "DequantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul");
        t.same(10, "QuantizeLinear");
        t.same(11, "DynamicQuantizeLinear");
    }

    private static void shapes(OperatorTable t) {
        t.same(1, "DepthToSpace", "Flatten", "Identity", "Shape", "Size", "SpaceToDepth", "Transpose");
        t.same(8, "Expand");
        t.same(9, "ConstantOfShape", "EyeLike");
        t.same(10, "ReverseSequence");
        t.same(11, "Det", "Range");
        t.same(14, "Trilu");
        t.older(1, 4, "Concat", AttributeLowerings::concat);
        t.older(1, 5, "Reshape", AttributeLowerings::reshape);
        t.older(1, 6, "Tile", AttributeLowerings::tileAlongAxis);
        t.older(1, 10, "Slice", AttributeLowerings::slice);
        t.older(1, 11, "Pad", AttributeLowerings::pad);
        t.older(1, 13, List.of("Squeeze", "Unsqueeze"), AttributeLowerings::axes);
        t.older(1, 18, "Split", AttributeLowerings::split);
    }

    private static void indices(OperatorTable t) {
        t.same(1, "Gather");
        t.same(9, "Compress", "NonZero");
        t.same(11, "GatherElements", "GatherND", "ScatterElements", "ScatterND", "Unique");
        t.older(1, 10, "TopK", AttributeLowerings::topK);
        t.older(9, 11, "OneHot", AttributeLowerings::oneHotOfNatural);
        t.lowered(9, 10, "Scatter", AttributeLowerings::scatter);
    }

    private static void signals(OperatorTable t) {
        t.same(17, "BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix", "STFT");
        t.older(17, 20, "DFT", AttributeLowerings::dft);
    }

    private static void random(OperatorTable t) {
        t.same(1, "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike");
        t.same(7, "Multinomial");
        t.same(15, "Bernoulli");
    }

    /** Sequences, optional values and strings. */
    private static void sequences(OperatorTable t) {
        t.same(9, "TfIdfVectorizer");
        t.same(10, "StringNormalizer");
        t.same(11, "ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase");
        t.same(11, "SequenceInsert", "SequenceLength", "SplitToSequence");
        t.same(15, "Optional", "OptionalGetElement", "OptionalHasElement");
        t.same(20, "RegexFullMatch", "StringConcat", "StringSplit");
    }

    private static void control(OperatorTable t) {
        t.lowered(1, "Constant", ConstantLowering::lower);
        t.lowered(1, "If", ControlFlowLowerings::ifElse);
        t.lowered(1, "Loop", ControlFlowLowerings::loop);
        t.lowered(8, 8, "Scan", ControlFlowLowerings::scanOfBatch);
        t.lowered(9, "Scan", ControlFlowLowerings::scan);
        t.lowered(17, "SequenceMap", ControlFlowLowerings::sequenceMap);
    }

    /**
     * Experimental operators that the standard has dropped. Models still have them, and ONNX Runtime takes them in
     * every version.
     */
    private static void retired(OperatorTable t) {
        t.lowered(1, "Affine", ExperimentalLowerings::affine);
        t.lowered(1, "Crop", ExperimentalLowerings::crop);
        t.lowered(1, "ImageScaler", ExperimentalLowerings::imageScaler);
        t.lowered(1, "ParametricSoftplus", ExperimentalLowerings::parametricSoftplus);
        t.lowered(1, "Scale", ExperimentalLowerings::scale);
        t.lowered(1, "ScaledTanh", ExperimentalLowerings::scaledTanh);
        // Became Slice in version 10.
        t.lowered(1, 9, "DynamicSlice", AttributeLowerings::dynamicSlice);
    }
}
