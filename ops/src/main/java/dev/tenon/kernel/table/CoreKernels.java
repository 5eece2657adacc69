package dev.tenon.kernel.table;

import dev.tenon.kernel.table.conv.ChannelsLastKernels;
import dev.tenon.kernel.table.conv.ConvKernels;
import dev.tenon.kernel.table.conv.ConvTransposeKernels;
import dev.tenon.kernel.table.conv.IntegerConvKernels;
import dev.tenon.kernel.table.conv.QuantizedConvKernels;
import dev.tenon.kernel.table.conv.SqueezeExciteKernels;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.kernel.table.fused.FusedKernels;
import dev.tenon.kernel.table.gemm.BlockGemmKernels;
import dev.tenon.kernel.table.gemm.DistanceKernels;
import dev.tenon.kernel.table.gemm.GemmKernels;
import dev.tenon.kernel.table.gemm.IntegerGemmKernels;
import dev.tenon.kernel.table.gemm.ReducedGemmKernels;
import dev.tenon.kernel.table.pool.PoolKernels;
import dev.tenon.kernel.table.pool.QuantPoolKernels;
import dev.tenon.kernel.table.quant.ByteTableKernels;
import dev.tenon.kernel.table.quant.QuantKernels;
import dev.tenon.kernel.table.quant.QuantizedSumKernels;
import dev.tenon.kernel.table.recurrent.RecurrentKernels;
import dev.tenon.kernel.table.resize.ResizeKernels;
import dev.tenon.kernel.table.tabular.EncoderKernels;
import dev.tenon.kernel.table.tabular.NGramKernels;
import dev.tenon.kernel.table.tabular.NormalizerKernels;
import dev.tenon.kernel.table.tabular.RowModelKernels;
import dev.tenon.kernel.table.tabular.TreeKernels;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.attention.AttentionKernels;
import dev.tenon.kernel.table.attention.RotaryKernels;
import dev.tenon.kernel.table.attention.TensorScatterKernels;
import dev.tenon.kernel.table.copy.CopyKernels;
import dev.tenon.kernel.table.copy.GatherKernels;
import dev.tenon.kernel.table.norm.ChannelNormKernels;
import dev.tenon.kernel.table.norm.NormKernels;
import dev.tenon.kernel.table.norm.SoftmaxKernels;
import dev.tenon.kernel.table.norm.SumNormKernels;
import dev.tenon.kernel.table.reduce.ArgMinMaxKernels;
import dev.tenon.kernel.table.reduce.PrefixSumKernels;
import dev.tenon.kernel.table.reduce.ReduceKernels;
import dev.tenon.kernel.table.reduce.TopKKernels;
import dev.tenon.op.Op;
import dev.tenon.op.math.Elementwise;

/**
 * The kernels of the standard's operators and of the operators that fusion makes: one line for each family, with the names of
 * the operators of the family. The tables of a family are built when a program first has an operator of it, and the classes
 * of the others are not loaded.
 */
public final class CoreKernels {
    private static final KernelSet SET = KernelSet.byFamily(CoreKernels::family);

    private CoreKernels() {}

    /**
     * The kernels of all families.
     *
     * @return the set, always the same object
     */
    public static KernelSet set() {
        return SET;
    }

    /** The kernels of the family that may have an operator. */
    private static KernelSet family(Class<? extends Op> operator) {
        if (Elementwise.class.isAssignableFrom(operator)) {
            return ElementwiseKernels.SET;
        }
        return switch (operator.getSimpleName()) {
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
            case "ArrayFeatureExtractor", "Gather", "GatherElements", "OneHot" -> GatherKernels.SET;
            case "MatMul", "Gemm", "TransposedMatMul" -> GemmKernels.SET;
            case "DynamicQuantizedMatMul", "BFloat16MatMul" -> ReducedGemmKernels.SET;
            case "MatMulInteger" -> IntegerGemmKernels.SET;
            case "BlockQuantizedMatMul" -> BlockGemmKernels.SET;
            case "Conv" -> ConvKernels.SET;
            case "ConvTranspose" -> ConvTransposeKernels.SET;
            case "ConvInteger", "QLinearConv" -> IntegerConvKernels.SET;
            case "SqueezeExcite" -> SqueezeExciteKernels.SET;
            case "ChannelsLast" -> ChannelsLastKernels.SET;
            case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool" -> PoolKernels.SET;
            case "QLinearAdd" -> QuantizedSumKernels.SET;
            case "QuantizedConvSum" -> QuantizedConvKernels.SET;
            case "ByteTable" -> ByteTableKernels.SET;
            case "QLinearAveragePool" -> QuantPoolKernels.SET;
            case "Attention", "QkvAttention", "RoundedAttention" -> AttentionKernels.SET;
            case "RotaryEmbedding", "QkvRotaryEmbedding" -> RotaryKernels.SET;
            case "TensorScatter" -> TensorScatterKernels.SET;
            case "Softmax", "LogSoftmax" -> SoftmaxKernels.SET;
            case "LayerNormalization", "RMSNormalization" -> NormKernels.SET;
            case "SumNormalization" -> SumNormKernels.SET;
            case "BatchNormalization", "InstanceNormalization", "GroupNormalization" -> ChannelNormKernels.SET;
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
            case "TopK" -> TopKKernels.SET;
            case "ArgMax", "ArgMin", "Hardmax" -> ArgMinMaxKernels.SET;
            case "CumSum" -> PrefixSumKernels.SET;
            case "RNN", "GRU", "LSTM", "DynamicQuantizeLSTM" -> RecurrentKernels.SET;
            case "Resize" -> ResizeKernels.SET;
            case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "CentredQuantization" ->
                QuantKernels.SET;
            case "TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble" -> TreeKernels.SET;
            case "Normalizer" -> NormalizerKernels.SET;
            case "LabelEncoder", "OneHotEncoder" -> EncoderKernels.SET;
            case "TfIdfVectorizer" -> NGramKernels.SET;
            case "PairwiseDistances" -> DistanceKernels.SET;
            case "LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor" -> RowModelKernels.SET;
            case "Fused" -> FusedKernels.SET;
            default -> KernelSet.empty();
        };
    }
}
