package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.Lowering;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OperatorTable;

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
        t.setLowerings(StandardDomain::lowering);
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
        t.older(1, 10, "ThresholdedRelu");
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
        t.lowered(1, 5, "Cast");
        t.lowered(6, "Cast");
        t.older(1, 6, "Selu");
        t.older(1, 7, "PRelu");
        t.older(1, 7, "Add", "Sub", "Mul", "Div", "Pow");
        t.older(1, 7, "And", "Or", "Xor", "Equal", "Greater", "Less");
        t.older(1, 8, "Max", "Mean", "Min", "Sum");
        t.older(1, 11, "Clip");
    }

    private static void linear(OperatorTable t) {
        t.same(1, "Conv", "ConvTranspose", "Gemm", "MatMul");
        t.same(12, "Einsum");
        t.same(19, "DeformConv");
        t.same(27, "CausalConvWithState", "LinearAttention");
        t.lowered(23, "Attention");
    }

    private static void normalisation(OperatorTable t) {
        t.same(1, "InstanceNormalization", "LRN", "LpNormalization");
        t.same(12, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");
        t.same(23, "RMSNormalization");
        t.older(1, 9, "MeanVarianceNormalization");
        t.older(1, 13, "Softmax", "LogSoftmax", "Hardmax");
        t.older(1, 14, "BatchNormalization");
        // ONNX Runtime has it in versions before it became a part of the standard.
        t.older(1, 17, "LayerNormalization");
        t.older(18, 21, "GroupNormalization");
        // Models that ONNX Runtime has optimised have it in the main domain too.
        t.lowered(1, "SimplifiedLayerNormalization");
        t.lowered(1, 11, "Dropout");
        t.lowered(12, "Dropout");
    }

    private static void images(OperatorTable t) {
        t.same(1, "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool", "MaxRoiPool");
        t.same(9, "MaxUnpool");
        t.same(10, "NonMaxSuppression");
        t.same(18, "CenterCropPad", "Col2Im");
        t.same(20, "AffineGrid", "ImageDecoder");
        t.older(1, 2, "LpPool", "GlobalLpPool");
        t.older(10, 16, "RoiAlign");
        t.older(16, 20, "GridSample");
        t.lowered(1, 6, "Upsample");
        t.lowered(7, 9, "Upsample");
        t.lowered(10, 10, "Resize");
        t.older(11, 13, "Resize");
    }

    private static void recurrent(OperatorTable t) {
        t.older(1, 7, "RNN", "LSTM", "GRU");
        t.same(23, "RotaryEmbedding");
        t.same(24, "TensorScatter");
    }

    private static void reductions(OperatorTable t) {
        t.same(1, "ArgMax", "ArgMin");
        t.same(11, "CumSum");
        t.same(26, "CumProd");
        t.older(1, 13, "ReduceSum");
        t.older(1, 18, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare");
        t.older(1, 18, "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd");
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
        t.older(1, 4, "Concat");
        t.older(1, 5, "Reshape");
        t.older(1, 6, "Tile");
        t.older(1, 10, "Slice");
        t.older(1, 11, "Pad");
        t.older(1, 13, "Squeeze", "Unsqueeze");
        t.older(1, 18, "Split");
    }

    private static void indices(OperatorTable t) {
        t.same(1, "Gather");
        t.same(9, "Compress", "NonZero");
        t.same(11, "GatherElements", "GatherND", "ScatterElements", "ScatterND", "Unique");
        t.older(1, 10, "TopK");
        t.older(9, 11, "OneHot");
        t.lowered(9, 10, "Scatter");
    }

    private static void signals(OperatorTable t) {
        t.same(17, "BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix", "STFT");
        t.older(17, 20, "DFT");
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
        t.lowered(1, "Constant");
        t.lowered(1, "If");
        t.lowered(1, "Loop");
        t.lowered(8, 8, "Scan");
        t.lowered(9, "Scan");
        t.lowered(17, "SequenceMap");
    }

    /**
     * Experimental operators that the standard has dropped. Models still have them, and ONNX Runtime takes them in
     * every version.
     */
    private static void retired(OperatorTable t) {
        t.lowered(1, "Affine");
        t.lowered(1, "Crop");
        t.lowered(1, "ImageScaler");
        t.lowered(1, "ParametricSoftplus");
        t.lowered(1, "Scale");
        t.lowered(1, "ScaledTanh");
        // Became Slice in version 10.
        t.lowered(1, 9, "DynamicSlice");
    }

    /** How versions of an operator that are not canonical are lowered, by the first of these versions. */
    private static Lowering lowering(String operator, int first) {
        return switch (operator) {
            case "ThresholdedRelu" -> NodeLowering::unchanged;
            case "Cast" -> first < 6 ? AttributeLowerings::castByName : AttributeLowerings::cast;
            case "Selu" -> AttributeLowerings::selu;
            case "PRelu" -> LegacyBroadcasting::prelu;
            case "Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less" ->
                LegacyBroadcasting::binary;
            case "Max", "Mean", "Min", "Sum" -> LegacyBroadcasting::equalShapes;
            case "Clip" -> AttributeLowerings::clip;
            case "Attention" -> AttributeLowerings::attention;
            case "MeanVarianceNormalization" -> NormalizationLowerings::meanVariance;
            case "Softmax", "LogSoftmax", "Hardmax" -> NormalizationLowerings::softmaxOfMatrix;
            case "BatchNormalization" -> NormalizationLowerings::batch;
            case "LayerNormalization" -> NormalizationLowerings::layerOfTwoTypes;
            case "GroupNormalization" -> NormalizationLowerings::groupsOfChannels;
            case "SimplifiedLayerNormalization" -> NormalizationLowerings::simplifiedLayer;
            case "Dropout" -> first < 12 ? DropoutLowerings::ratioAsAttribute : DropoutLowerings::dropout;
            case "ReduceSum",
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceLogSum",
                    "ReduceLogSumExp",
                    "ReduceSumSquare",
                    "ReduceMax",
                    "ReduceMean",
                    "ReduceMin",
                    "ReduceProd",
                    "Squeeze",
                    "Unsqueeze" -> AttributeLowerings::axes;
            case "Concat" -> AttributeLowerings::concat;
            case "Reshape" -> AttributeLowerings::reshape;
            case "Tile" -> AttributeLowerings::tileAlongAxis;
            case "Slice" -> AttributeLowerings::slice;
            case "Pad" -> AttributeLowerings::pad;
            case "Split" -> AttributeLowerings::split;
            default -> loweringOfOthers(operator, first);
        };
    }

    /** Images, indices, recurrent networks, signals, control flow, and retired operators. */
    private static Lowering loweringOfOthers(String operator, int first) {
        return switch (operator) {
            case "LpPool", "GlobalLpPool" -> ImageLowerings::lpPool;
            case "RoiAlign" -> ImageLowerings::roiAlign;
            case "GridSample" -> ImageLowerings::gridSample;
            case "Upsample" -> first < 7 ? ImageLowerings::upsampleOfImages : ImageLowerings::upsample;
            case "Resize" -> first < 11 ? ImageLowerings::resizeByScales : ImageLowerings::resizeOfEmpty;
            case "RNN", "LSTM", "GRU" -> AttributeLowerings::recurrent;
            case "TopK" -> AttributeLowerings::topK;
            case "OneHot" -> AttributeLowerings::oneHotOfNatural;
            case "Scatter" -> AttributeLowerings::scatter;
            case "DFT" -> AttributeLowerings::dft;
            case "Constant" -> ConstantLowering::lower;
            case "If" -> ControlFlowLowerings::ifElse;
            case "Loop" -> ControlFlowLowerings::loop;
            case "Scan" -> first < 9 ? ControlFlowLowerings::scanOfBatch : ControlFlowLowerings::scan;
            case "SequenceMap" -> ControlFlowLowerings::sequenceMap;
            case "Affine" -> ExperimentalLowerings::affine;
            case "Crop" -> ExperimentalLowerings::crop;
            case "ImageScaler" -> ExperimentalLowerings::imageScaler;
            case "ParametricSoftplus" -> ExperimentalLowerings::parametricSoftplus;
            case "Scale" -> ExperimentalLowerings::scale;
            case "ScaledTanh" -> ExperimentalLowerings::scaledTanh;
            case "DynamicSlice" -> AttributeLowerings::dynamicSlice;
            default -> throw new IllegalArgumentException("operator '" + operator + "' has no lowering");
        };
    }
}
