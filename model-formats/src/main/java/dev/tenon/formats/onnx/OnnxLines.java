package dev.tenon.formats.onnx;

/**
 * The lines of the {@link OnnxTable}. Operators whose older forms differ in types alone have one line: what an older
 * version did not take yet, the newest does.
 */
final class OnnxLines {
    private OnnxLines() {}

    static void add(LineList list) {
        elementwise(list);
        networks(list);
        reductions(list);
        quantisation(list);
        shapes(list);
        control(list);
        VisionLines.add(list);
        RecurrentLines.add(list);
        SequenceLines.add(list);
    }

    private static void elementwise(LineList list) {
        list.same(1, "Abs", "Ceil", "Elu", "Exp", "Floor", "HardSigmoid", "LeakyRelu", "Log", "Neg", "Not");
        list.same(1, "Reciprocal", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Tanh");
        // An experiment before it was part of the standard.
        if (list.asks("ThresholdedRelu")) list.older(1, 10, NodeLowering::unchanged);
        list.same(7, "Acos", "Asin", "Atan", "Cos", "Sin", "Tan");
        list.same(9, "Acosh", "Asinh", "Atanh", "Cosh", "Erf", "IsNaN", "Sign", "Sinh", "Where");
        list.same(10, "IsInf", "Mod");
        list.same(11, "BitShift", "Round");
        list.same(12, "Celu", "GreaterOrEqual", "LessOrEqual");
        list.same(14, "HardSwish");
        list.same(15, "CastLike");
        list.same(18, "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Mish");
        list.same(20, "Gelu");
        list.same(24, "Swish");
        if (list.asks("Selu")) list.older(1, 6, AttributeForms::seluOfFewDigits);
        if (list.asks("Cast")) {
            list.line(1, 5, AttributeForms::castByName);
            list.line(6, AttributeForms::cast);
        }
        if (list.asks("Clip")) list.older(1, 11, AttributeForms::clip);
        if (list.asks("Add", "Sub", "Mul", "Div", "Pow")) list.older(1, 7, AlignedOperands::binary);
        if (list.asks("And", "Or", "Xor", "Equal", "Greater", "Less")) list.older(1, 7, AlignedOperands::binary);
        if (list.asks("PRelu")) list.older(1, 7, AlignedOperands::channelSlope);
        if (list.asks("Max", "Mean", "Min", "Sum")) list.older(1, 8, AlignedOperands::equalShapes);
    }

    private static void networks(LineList list) {
        list.same(1, "AveragePool", "Conv", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "InstanceNormalization");
        list.same(1, "LRN", "LpNormalization", "MatMul", "MaxPool");
        if (list.asks("MeanVarianceNormalization")) list.older(1, 9, NormalizationForms::meanOfChannels);
        // A widespread runtime has it with versions from before it was part of the standard.
        if (list.asks("LayerNormalization")) list.older(1, 17, NormalizationForms::layerOfTwoTypes);
        list.same(23, "RMSNormalization");
        if (list.asks("BatchNormalization")) list.older(1, 14, NormalizationForms::batch);
        if (list.asks("GroupNormalization")) list.older(18, 21, NormalizationForms::groupsOfChannels);
        if (list.asks("Softmax", "LogSoftmax", "Hardmax")) list.older(1, 13, NormalizationForms::coercedToMatrix);
        if (list.asks("Dropout")) {
            list.line(1, 11, NormalizationForms::dropout);
            list.line(12, RecurrentLines::dropout);
        }
    }

    private static void reductions(LineList list) {
        if (list.asks("ReduceSum")) list.older(1, 13, AttributeForms::axes);
        if (list.asks("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp"))
            list.older(1, 18, AttributeForms::axes);
        if (list.asks("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd")) list.older(1, 18, AttributeForms::axes);
        if (list.asks("ReduceSumSquare")) list.older(1, 18, AttributeForms::axes);
        list.same(1, "ArgMax", "ArgMin");
    }

    private static void quantisation(LineList list) {
        list.same(10, "ConvInteger", "DequantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul");
        list.same(10, "QuantizeLinear");
        list.same(11, "DynamicQuantizeLinear");
    }

    private static void shapes(LineList list) {
        list.same(1, "DepthToSpace", "Flatten", "Gather", "Identity", "Shape", "Size", "SpaceToDepth", "Transpose");
        list.same(8, "Expand");
        list.same(9, "Compress", "ConstantOfShape", "EyeLike", "NonZero");
        list.same(10, "ReverseSequence");
        list.same(11, "CumSum", "GatherElements", "GatherND", "Range", "ScatterElements", "ScatterND");
        list.same(14, "Trilu");
        if (list.asks("Scatter")) list.line(9, 10, AttributeForms::scatter);
        if (list.asks("Concat")) list.older(1, 4, AttributeForms::concat);
        if (list.asks("OneHot")) list.older(9, 11, AttributeForms::oneHotOfNatural);
        if (list.asks("Pad")) list.older(1, 11, AttributeForms::pad);
        if (list.asks("Reshape")) list.older(1, 5, AttributeForms::reshape);
        if (list.asks("Slice")) list.older(1, 10, AttributeForms::slice);
        if (list.asks("Split")) list.older(1, 18, AttributeForms::split);
        if (list.asks("Squeeze", "Unsqueeze")) list.older(1, 13, AttributeForms::axes);
        if (list.asks("Tile")) list.older(1, 6, AttributeForms::tileAlongAxis);
        if (list.asks("TopK")) list.older(1, 10, AttributeForms::topK);
    }

    private static void control(LineList list) {
        if (list.asks("Constant")) list.line(1, Lowerings::constant);
        if (list.asks("If")) list.line(1, ControlLowerings::ifElse);
        if (list.asks("Loop")) list.line(1, ControlLowerings::loop);
    }
}
