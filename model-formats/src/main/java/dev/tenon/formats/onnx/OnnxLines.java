package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxTable.NEWEST;

import dev.tenon.formats.onnx.OnnxTable.Lowering;
import dev.tenon.formats.onnx.OnnxTable.Sink;

/**
 * The lines of the {@link OnnxTable}. Operators whose older forms differ in types alone have one line: what an older
 * version did not take yet, the newest does.
 */
final class OnnxLines {
    private OnnxLines() {}

    static void add(Sink table) {
        elementwise(table);
        networks(table);
        reductions(table);
        quantisation(table);
        shapes(table);
        control(table);
        VisionLines.add(table);
        RecurrentLines.add(table);
        SequenceLines.add(table);
    }

    private static void elementwise(Sink table) {
        same(table, 1, "Abs", "Ceil", "Elu", "Exp", "Floor", "HardSigmoid", "LeakyRelu", "Log", "Neg", "Not");
        same(table, 1, "Reciprocal", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Tanh");
        // An experiment before it was part of the standard.
        older(table, 1, 10, NodeLowering::unchanged, "ThresholdedRelu");
        same(table, 7, "Acos", "Asin", "Atan", "Cos", "Sin", "Tan");
        same(table, 9, "Acosh", "Asinh", "Atanh", "Cosh", "Erf", "IsNaN", "Sign", "Sinh", "Where");
        same(table, 10, "IsInf", "Mod");
        same(table, 11, "BitShift", "Round");
        same(table, 12, "Celu", "GreaterOrEqual", "LessOrEqual");
        same(table, 14, "HardSwish");
        same(table, 15, "CastLike");
        same(table, 18, "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Mish");
        same(table, 20, "Gelu");
        same(table, 24, "Swish");
        older(table, 1, 6, AttributeForms::seluOfFewDigits, "Selu");
        table.line("", "Cast", 1, 5, AttributeForms::castByName);
        table.line("", "Cast", 6, NEWEST, AttributeForms::cast);
        older(table, 1, 11, AttributeForms::clip, "Clip");
        older(table, 1, 7, AlignedOperands::binary, "Add", "Sub", "Mul", "Div", "Pow");
        older(table, 1, 7, AlignedOperands::binary, "And", "Or", "Xor", "Equal", "Greater", "Less");
        older(table, 1, 7, AlignedOperands::channelSlope, "PRelu");
        older(table, 1, 8, AlignedOperands::equalShapes, "Max", "Mean", "Min", "Sum");
    }

    private static void networks(Sink table) {
        same(table, 1, "AveragePool", "Conv", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "InstanceNormalization");
        same(table, 1, "LRN", "LpNormalization", "MatMul", "MaxPool");
        older(table, 1, 9, NormalizationForms::meanOfChannels, "MeanVarianceNormalization");
        // A widespread runtime has it with versions from before it was part of the standard.
        older(table, 1, 17, NormalizationForms::layerOfTwoTypes, "LayerNormalization");
        same(table, 23, "RMSNormalization");
        older(table, 1, 14, NormalizationForms::batch, "BatchNormalization");
        older(table, 18, 21, NormalizationForms::groupsOfChannels, "GroupNormalization");
        older(table, 1, 13, NormalizationForms::coercedToMatrix, "Softmax", "LogSoftmax", "Hardmax");
        table.line("", "Dropout", 1, 11, NormalizationForms::dropout);
        table.line("", "Dropout", 12, NEWEST, RecurrentLines::dropout);
    }

    private static void reductions(Sink table) {
        older(table, 1, 13, AttributeForms::axes, "ReduceSum");
        older(table, 1, 18, AttributeForms::axes, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp");
        older(table, 1, 18, AttributeForms::axes, "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd");
        older(table, 1, 18, AttributeForms::axes, "ReduceSumSquare");
        same(table, 1, "ArgMax", "ArgMin");
    }

    private static void quantisation(Sink table) {
        same(table, 10, "ConvInteger", "DequantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul");
        same(table, 10, "QuantizeLinear");
        same(table, 11, "DynamicQuantizeLinear");
    }

    private static void shapes(Sink table) {
        same(table, 1, "DepthToSpace", "Flatten", "Gather", "Identity", "Shape", "Size", "SpaceToDepth", "Transpose");
        same(table, 8, "Expand");
        same(table, 9, "Compress", "ConstantOfShape", "EyeLike", "NonZero");
        same(table, 10, "ReverseSequence");
        same(table, 11, "CumSum", "GatherElements", "GatherND", "Range", "ScatterElements", "ScatterND");
        same(table, 14, "Trilu");
        table.line("", "Scatter", 9, 10, AttributeForms::scatter);
        older(table, 1, 4, AttributeForms::concat, "Concat");
        older(table, 9, 11, AttributeForms::oneHotOfNatural, "OneHot");
        older(table, 1, 11, AttributeForms::pad, "Pad");
        older(table, 1, 5, AttributeForms::reshape, "Reshape");
        older(table, 1, 10, AttributeForms::slice, "Slice");
        older(table, 1, 18, AttributeForms::split, "Split");
        older(table, 1, 13, AttributeForms::axes, "Squeeze", "Unsqueeze");
        older(table, 1, 6, AttributeForms::tileAlongAxis, "Tile");
        older(table, 1, 10, AttributeForms::topK, "TopK");
    }

    private static void control(Sink table) {
        table.line("", "Constant", 1, NEWEST, Lowerings::constant);
        table.line("", "If", 1, NEWEST, ControlLowerings::ifElse);
        table.line("", "Loop", 1, NEWEST, ControlLowerings::loop);
    }

    /** Operators that were canonical from their first version on. */
    private static void same(Sink table, int first, String... names) {
        for (String name : names) {
            table.line("", name, first, NEWEST, NodeLowering::unchanged);
        }
    }

    /** Operators that have been canonical since a version, and had another form from their first version on. */
    private static void older(Sink table, int first, int canonical, Lowering lowering, String... names) {
        for (String name : names) {
            table.line("", name, first, canonical - 1, lowering);
            table.line("", name, canonical, NEWEST, NodeLowering::unchanged);
        }
    }
}
