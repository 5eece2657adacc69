package dev.tenon.kernel.table;

import static dev.tenon.kernel.KernelSet.family;

import dev.tenon.kernel.KernelSet;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.attention.TensorScatter;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceLogSum;
import dev.tenon.op.reduce.ReduceLogSumExp;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceProd;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.SpaceToDepth;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.TopK;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.Normalizer;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.Resize;

/**
 * The kernels of the standard's operators and of the operators that fusion makes: one line for each family, with the
 * operators of the family. The tables of a family are built when a program first has an operator of it.
 */
public final class CoreKernels {
    private static final KernelSet SET = KernelSet.empty()
            .plus(family(() -> ElementwiseKernels.SET, Elementwise.class::isAssignableFrom))
            .plus(family(
                    () -> CopyKernels.SET,
                    Concat.class,
                    ConstantOfShape.class,
                    DepthToSpace.class,
                    Expand.class,
                    Flatten.class,
                    Identity.class,
                    Pad.class,
                    Reshape.class,
                    Slice.class,
                    SpaceToDepth.class,
                    Split.class,
                    Squeeze.class,
                    Tile.class,
                    Transpose.class,
                    Unsqueeze.class))
            .plus(family(() -> GatherKernels.SET, Gather.class, GatherElements.class))
            .plus(family(() -> GemmKernels.SET, MatMul.class, Gemm.class, TransposedMatMul.class))
            .plus(family(() -> ReducedGemmKernels.SET, DynamicQuantizedMatMul.class, BFloat16MatMul.class))
            .plus(family(() -> IntegerGemmKernels.SET, MatMulInteger.class))
            .plus(family(() -> BlockGemmKernels.SET, BlockQuantizedMatMul.class))
            .plus(family(() -> ConvKernels.SET, Conv.class))
            .plus(family(() -> ConvTransposeKernels.SET, ConvTranspose.class))
            .plus(family(() -> IntegerConvKernels.SET, ConvInteger.class, QLinearConv.class))
            .plus(family(() -> SqueezeExciteKernels.SET, SqueezeExcite.class))
            .plus(family(() -> ChannelsLastKernels.SET, ChannelsLast.class))
            .plus(family(
                    () -> PoolKernels.SET,
                    MaxPool.class,
                    AveragePool.class,
                    GlobalAveragePool.class,
                    GlobalMaxPool.class))
            .plus(family(() -> QuantizedSumKernels.SET, QLinearAdd.class))
            .plus(family(() -> QuantizedConvKernels.SET, QuantizedConvSum.class))
            .plus(family(() -> ByteTableKernels.SET, ByteTable.class))
            .plus(family(() -> QuantPoolKernels.SET, QLinearAveragePool.class))
            .plus(family(() -> AttentionKernels.SET, Attention.class, QkvAttention.class))
            .plus(family(() -> RotaryKernels.SET, RotaryEmbedding.class, QkvRotaryEmbedding.class))
            .plus(family(() -> TensorScatterKernels.SET, TensorScatter.class))
            .plus(family(() -> SoftmaxKernels.SET, Softmax.class, LogSoftmax.class))
            .plus(family(() -> NormKernels.SET, LayerNormalization.class, RMSNormalization.class))
            .plus(family(() -> SumNormKernels.SET, SumNormalization.class))
            .plus(family(
                    () -> ChannelNormKernels.SET,
                    BatchNormalization.class,
                    InstanceNormalization.class,
                    GroupNormalization.class))
            .plus(family(
                    () -> ReduceKernels.SET,
                    ReduceSum.class,
                    ReduceMean.class,
                    ReduceMax.class,
                    ReduceMin.class,
                    ReduceProd.class,
                    ReduceL1.class,
                    ReduceL2.class,
                    ReduceLogSum.class,
                    ReduceLogSumExp.class,
                    ReduceSumSquare.class))
            .plus(family(() -> TopKKernels.SET, TopK.class))
            .plus(family(() -> ArgMinMaxKernels.SET, ArgMax.class, ArgMin.class, Hardmax.class))
            .plus(family(() -> PrefixSumKernels.SET, CumSum.class))
            .plus(family(() -> RecurrentKernels.SET, RNN.class, GRU.class, LSTM.class, DynamicQuantizeLSTM.class))
            .plus(family(() -> ResizeKernels.SET, Resize.class))
            .plus(family(
                    () -> QuantKernels.SET, QuantizeLinear.class, DequantizeLinear.class, DynamicQuantizeLinear.class))
            .plus(family(
                    () -> TreeKernels.SET,
                    TreeEnsembleClassifier.class,
                    TreeEnsembleRegressor.class,
                    TreeEnsemble.class))
            .plus(family(() -> NormalizerKernels.SET, Normalizer.class))
            .plus(family(
                    () -> RowModelKernels.SET,
                    LinearClassifier.class,
                    LinearRegressor.class,
                    SVMClassifier.class,
                    SVMRegressor.class))
            .plus(family(() -> FusedKernels.SET, Fused.class));

    private CoreKernels() {}

    /**
     * The kernels of all families.
     *
     * @return the set, always the same object
     */
    public static KernelSet set() {
        return SET;
    }
}
