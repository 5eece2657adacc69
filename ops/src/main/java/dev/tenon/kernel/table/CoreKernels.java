package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.attention.AttentionKernels;
import dev.tenon.kernel.table.attention.PagedAttentionKernels;
import dev.tenon.kernel.table.attention.RotaryKernels;
import dev.tenon.kernel.table.attention.TensorScatterKernels;
import dev.tenon.kernel.table.conv.ChannelsLastConvKernels;
import dev.tenon.kernel.table.conv.ChannelsLastConvTransposeKernels;
import dev.tenon.kernel.table.conv.ChannelsLastIntegerConvKernels;
import dev.tenon.kernel.table.conv.ConvKernels;
import dev.tenon.kernel.table.conv.ConvTransposeKernels;
import dev.tenon.kernel.table.conv.IntegerConvKernels;
import dev.tenon.kernel.table.conv.QuantizedConvKernels;
import dev.tenon.kernel.table.conv.SqueezeExciteKernels;
import dev.tenon.kernel.table.copy.CopyKernels;
import dev.tenon.kernel.table.copy.GatherElementsKernels;
import dev.tenon.kernel.table.copy.GatherGradientKernels;
import dev.tenon.kernel.table.copy.GatherKernels;
import dev.tenon.kernel.table.copy.OneHotKernels;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.kernel.table.fused.FusedKernels;
import dev.tenon.kernel.table.gemm.BlockGemmKernels;
import dev.tenon.kernel.table.gemm.DistanceKernels;
import dev.tenon.kernel.table.gemm.GemmKernels;
import dev.tenon.kernel.table.gemm.IntegerGemmKernels;
import dev.tenon.kernel.table.gemm.ReducedGemmKernels;
import dev.tenon.kernel.table.norm.ChannelNormKernels;
import dev.tenon.kernel.table.norm.NormKernels;
import dev.tenon.kernel.table.norm.SoftmaxKernels;
import dev.tenon.kernel.table.norm.SumNormKernels;
import dev.tenon.kernel.table.pool.ChannelsLastPoolKernels;
import dev.tenon.kernel.table.pool.ChannelsLastQuantPoolKernels;
import dev.tenon.kernel.table.pool.IndexedPoolKernels;
import dev.tenon.kernel.table.pool.PoolKernels;
import dev.tenon.kernel.table.pool.QuantPoolKernels;
import dev.tenon.kernel.table.quant.BlockDequantizeKernels;
import dev.tenon.kernel.table.quant.ByteTableKernels;
import dev.tenon.kernel.table.quant.QuantKernels;
import dev.tenon.kernel.table.quant.QuantizedSumKernels;
import dev.tenon.kernel.table.recurrent.QuantizedLstmKernels;
import dev.tenon.kernel.table.recurrent.RecurrentKernels;
import dev.tenon.kernel.table.reduce.ArgMinMaxKernels;
import dev.tenon.kernel.table.reduce.PrefixSumKernels;
import dev.tenon.kernel.table.reduce.ReduceKernels;
import dev.tenon.kernel.table.reduce.TopKKernels;
import dev.tenon.kernel.table.resize.ResizeKernels;
import dev.tenon.kernel.table.tabular.LookupKernels;
import dev.tenon.kernel.table.tabular.NGramKernels;
import dev.tenon.kernel.table.tabular.NormalizerKernels;
import dev.tenon.kernel.table.tabular.OneHotEncoderKernels;
import dev.tenon.kernel.table.tabular.RowModelKernels;
import dev.tenon.kernel.table.tabular.TreeKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Elementwise;

/**
 * The kernels of the standard's operators and of the operators that fusion makes: one line for each family, with the
 * names of its operators. The tables of a family are built when a program first has an operator of it, and the classes
 * of the others are not loaded.
 */
public final class CoreKernels {
    private static final KernelSet SET = KernelSet.of(CoreKernels::kernels);

    private CoreKernels() {}

    /**
     * The kernels of all families.
     *
     * @return the set, always the same object
     */
    public static KernelSet set() {
        return SET;
    }

    /** The kernels of an operator; null if it has none. An operator that is not of this module has none, whatever its name. */
    private static KernelLowering<Op> kernels(Class<? extends Op> operator) {
        if (!operator.getPackageName().startsWith("dev.tenon.op.") || operator.getModule() != Op.class.getModule()) {
            return null;
        }
        if (Elementwise.class.isAssignableFrom(operator)) {
            return ElementwiseKernels.has(operator) ? ElementwiseKernels.FAMILY : null;
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
                    "Unsqueeze" -> CopyKernels.FAMILY;
            case "ArrayFeatureExtractor", "Gather" -> GatherKernels.FAMILY;
            case "GatherElements" -> GatherElementsKernels.FAMILY;
            case "GatherGradient" -> GatherGradientKernels.FAMILY;
            case "OneHot" -> OneHotKernels.FAMILY;
            case "MatMul", "Gemm", "TransposedMatMul" -> GemmKernels.FAMILY;
            case "DynamicQuantizedMatMul", "BFloat16MatMul" -> ReducedGemmKernels.FAMILY;
            case "MatMulInteger" -> IntegerGemmKernels.FAMILY;
            case "BlockQuantizedMatMul", "BlockMatMul" -> BlockGemmKernels.FAMILY;
            case "PairwiseDistances" -> DistanceKernels.FAMILY;
            case "Conv" -> ConvKernels.FAMILY;
            case "ConvTranspose" -> ConvTransposeKernels.FAMILY;
            case "ConvInteger", "QLinearConv" -> IntegerConvKernels.FAMILY;
            case "QuantizedConvSum" -> QuantizedConvKernels.FAMILY;
            case "SqueezeExcite" -> SqueezeExciteKernels.FAMILY;
            case "ChannelsLast" -> new ChannelsLastKernels();
            case "MaxPool" -> KernelSet.firstOf(PoolKernels.FAMILY, IndexedPoolKernels.FAMILY);
            case "AveragePool", "GlobalAveragePool", "GlobalMaxPool" -> PoolKernels.FAMILY;
            case "QLinearAveragePool" -> QuantPoolKernels.FAMILY;
            case "QLinearAdd" -> QuantizedSumKernels.FAMILY;
            case "ByteTable" -> ByteTableKernels.FAMILY;
            case "QuantizeLinear", "DynamicQuantizeLinear", "CentredQuantization" -> QuantKernels.FAMILY;
            case "DequantizeLinear" -> KernelSet.firstOf(BlockDequantizeKernels.FAMILY, QuantKernels.FAMILY);
            case "Attention", "QkvAttention", "RoundedAttention" -> AttentionKernels.FAMILY;
            case "PagedAttention" -> PagedAttentionKernels.FAMILY;
            case "RotaryEmbedding", "QkvRotaryEmbedding" -> RotaryKernels.FAMILY;
            case "TensorScatter" -> TensorScatterKernels.FAMILY;
            case "Softmax", "LogSoftmax" -> SoftmaxKernels.FAMILY;
            case "LayerNormalization", "RMSNormalization" -> NormKernels.FAMILY;
            case "SumNormalization" -> SumNormKernels.FAMILY;
            case "BatchNormalization", "InstanceNormalization", "GroupNormalization" -> ChannelNormKernels.FAMILY;
            case "ReduceSum",
                    "ReduceMean",
                    "ReduceMax",
                    "ReduceMin",
                    "ReduceProd",
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceLogSum",
                    "ReduceLogSumExp",
                    "ReduceSumSquare" -> ReduceKernels.FAMILY;
            case "TopK" -> TopKKernels.FAMILY;
            case "ArgMax", "ArgMin", "Hardmax" -> ArgMinMaxKernels.FAMILY;
            case "CumSum" -> PrefixSumKernels.FAMILY;
            case "RNN", "GRU", "LSTM" -> RecurrentKernels.FAMILY;
            case "DynamicQuantizeLSTM" -> QuantizedLstmKernels.FAMILY;
            case "Resize" -> ResizeKernels.FAMILY;
            case "TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble" -> TreeKernels.FAMILY;
            case "LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor" -> RowModelKernels.FAMILY;
            case "Normalizer" -> NormalizerKernels.FAMILY;
            case "LabelEncoder" -> LookupKernels.FAMILY;
            case "OneHotEncoder" -> OneHotEncoderKernels.FAMILY;
            case "TfIdfVectorizer" -> NGramKernels.FAMILY;
            case "Fused" -> FusedKernels.FAMILY;
            default -> null;
        };
    }

    /** The kernels of an operator whose data have their channels last; null if it has none. */
    private static KernelLowering<Op> channelsLast(Op operator) {
        return switch (operator.getClass().getSimpleName()) {
            case "Conv" -> ChannelsLastConvKernels.FAMILY;
            case "ConvTranspose" -> ChannelsLastConvTransposeKernels.FAMILY;
            case "ConvInteger" -> ChannelsLastIntegerConvKernels.FAMILY;
            case "QLinearConv" -> QuantizedConvKernels.FAMILY;
            case "SqueezeExcite" -> SqueezeExciteKernels.FAMILY;
            case "MaxPool" -> KernelSet.firstOf(ChannelsLastPoolKernels.FAMILY, ChannelsLastQuantPoolKernels.FAMILY);
            case "AveragePool", "GlobalAveragePool", "GlobalMaxPool" -> ChannelsLastPoolKernels.FAMILY;
            case "QLinearAveragePool" -> ChannelsLastQuantPoolKernels.FAMILY;
            default -> null;
        };
    }

    /** The kernels of {@link ChannelsLast}: those of the operator that it holds. */
    private record ChannelsLastKernels() implements KernelLowering<Op> {
        @Override
        public KernelLowering<Op> of(Op op) {
            return channelsLast(((ChannelsLast) op).op());
        }

        @Override
        public Kernel prepare(Op op, KernelRequest step) {
            KernelLowering<Op> kernels = of(op);
            return kernels == null ? null : kernels.prepare(op, step);
        }
    }
}
