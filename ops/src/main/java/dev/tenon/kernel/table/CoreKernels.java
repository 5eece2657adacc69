package dev.tenon.kernel.table;

import dev.tenon.kernel.KernelSet;

/** The kernels of the standard's operators: a line a family, with the names of the operators that it has kernels for. */
public final class CoreKernels {
    private static final KernelSet SET = KernelSet.of(CoreKernels::family);

    private CoreKernels() {}

    private static KernelSet family(String operator) {
        return switch (operator) {
            case "Concat",
                    "ConstantOfShape",
                    "DepthToSpace",
                    "Expand",
                    "Flatten",
                    "Identity",
                    "Pad",
                    "Reshape",
                    "Slice",
                    "SpaceToDepth",
                    "Split",
                    "Squeeze",
                    "Tile",
                    "Transpose",
                    "Unsqueeze" -> CopyKernels.SET;
            case "Gather", "GatherElements" -> GatherKernels.SET;
            case "MatMul", "Gemm", "TransposedMatMul" -> GemmKernels.SET;
            case "MatMulInteger" -> IntegerGemmKernels.SET;
            case "Attention", "QkvAttention" -> AttentionKernels.SET;
            case "RotaryEmbedding", "QkvRotaryEmbedding" -> RotaryKernels.SET;
            case "TensorScatter" -> TensorScatterKernels.SET;
            case "Softmax", "LogSoftmax" -> SoftmaxKernels.SET;
            case "ReduceSum",
                    "ReduceMean",
                    "ReduceMax",
                    "ReduceMin",
                    "ReduceProd",
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceLogSum",
                    "ReduceLogSumExp",
                    "ReduceSumSquare" -> ReduceKernels.SET;
            case "ArgMax", "ArgMin", "Hardmax" -> ArgMinMaxKernels.SET;
            case "CumSum" -> PrefixSumKernels.SET;
            case "LayerNormalization", "RMSNormalization" -> NormKernels.SET;
            case "SqueezeExcite" -> SqueezeExciteKernels.SET;
            case "SumNormalization" -> SumNormKernels.SET;
            case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear" -> QuantKernels.SET;
            case "Fused" -> FusedKernels.SET;
            case "ChannelsLast" -> ChannelsLastKernels.SET;
            case "TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble" -> TreeKernels.SET;
            case "LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor" -> RowModelKernels.SET;
            case "Conv" -> ConvKernels.SET;
            case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool" -> PoolKernels.SET;
            case "QLinearAveragePool" -> QuantPoolKernels.SET;
            case "BatchNormalization", "InstanceNormalization", "GroupNormalization" -> ChannelNormKernels.SET;
            case "Resize" -> ResizeKernels.SET;
            case "ConvTranspose" -> ConvTransposeKernels.SET;
            case "RNN", "GRU", "LSTM" -> RecurrentKernels.SET;
            case "ConvInteger", "QLinearConv" -> IntegerConvKernels.SET;
            default -> ElementwiseKernels.SET;
        };
    }

    /**
     * All families.
     *
     * @return the set
     */
    public static KernelSet set() {
        return SET;
    }
}
