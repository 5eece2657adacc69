package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.RuleSet.lazy;

import dev.tenon.graph.control.If;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.algebra.ReversalRules;
import dev.tenon.graph.rules.algebra.ShapeRules;
import dev.tenon.graph.rules.attention.AttentionMaskRules;
import dev.tenon.graph.rules.attention.AttentionRules;
import dev.tenon.graph.rules.attention.DuplicatedHalvesRules;
import dev.tenon.graph.rules.attention.FlatAttentionRules;
import dev.tenon.graph.rules.attention.PartialRotaryRules;
import dev.tenon.graph.rules.attention.QkvIntegerRules;
import dev.tenon.graph.rules.attention.QkvRotaryRules;
import dev.tenon.graph.rules.attention.QkvRules;
import dev.tenon.graph.rules.attention.RotaryRules;
import dev.tenon.graph.rules.attention.RoundedAttentionRules;
import dev.tenon.graph.rules.fusion.ActivationRules;
import dev.tenon.graph.rules.fusion.NormRules;
import dev.tenon.graph.rules.fusion.SqueezeExciteRules;
import dev.tenon.graph.rules.layout.TransposeRules;
import dev.tenon.graph.rules.layout.TransposedViewRules;
import dev.tenon.graph.rules.layout.WeightPermutationRules;
import dev.tenon.graph.rules.linear.BatchNormalizationRules;
import dev.tenon.graph.rules.linear.ConvMergeRules;
import dev.tenon.graph.rules.linear.InputFoldingRules;
import dev.tenon.graph.rules.linear.MatMulMergeRules;
import dev.tenon.graph.rules.linear.PadFoldingRules;
import dev.tenon.graph.rules.linear.WeightFoldingRules;
import dev.tenon.graph.rules.precision.PrecisionRules;
import dev.tenon.graph.rules.quant.BlockWeightRules;
import dev.tenon.graph.rules.quant.ByteRules;
import dev.tenon.graph.rules.quant.ByteSumRules;
import dev.tenon.graph.rules.quant.DequantizedProductRules;
import dev.tenon.graph.rules.quant.DynamicQuantRules;
import dev.tenon.graph.rules.quant.FakeQuantRules;
import dev.tenon.graph.rules.quant.QdqRules;
import dev.tenon.graph.rules.quant.QuantRules;
import dev.tenon.graph.rules.quant.QuantizedOperatorRules;
import dev.tenon.graph.rules.quant.RequantizedProductRules;
import dev.tenon.graph.rules.recurrent.RecurrentRules;
import dev.tenon.graph.rules.tabular.DistanceRules;
import dev.tenon.graph.rules.tabular.EncoderRules;
import dev.tenon.graph.rules.tabular.FeatureRules;
import dev.tenon.graph.rules.tabular.LabelRules;
import dev.tenon.graph.rules.tabular.LinearModelRules;
import dev.tenon.graph.rules.tabular.TabularRules;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.fused.QuantizedOperator;
import dev.tenon.op.fused.RoundedAttention;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LpNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.tabular.ArrayFeatureExtractor;
import dev.tenon.op.tabular.Binarizer;
import dev.tenon.op.tabular.CategoryMapper;
import dev.tenon.op.tabular.FeatureVectorizer;
import dev.tenon.op.tabular.Imputer;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.OneHotEncoder;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.Scaler;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.text.TfIdfVectorizer;
import dev.tenon.op.vision.ConvTranspose;
import java.util.function.Predicate;

/**
 * The sets of rules that sessions use. Programs get rules here only, so who goes through {@link #values} and asks for {@link
 * #rules} and {@link #paying} meets every rule.
 */
public enum StandardRules {
    /** Rules for machines without dot products of bytes. */
    FLOATS,

    /** Rules for machines with dot products of bytes. Operators stay in integers if a kernel takes them. */
    BYTES,

    /**
     * Rules that make operators between DequantizeLinear and QuantizeLinear operators of integers. They are applied before
     * constants are folded, on machines with dot products of bytes.
     */
    INTEGERS,

    /**
     * Rules that make products of integers of those between DequantizeLinear and operators of floats. They are applied after
     * {@link #INTEGERS}, on the same machines.
     */
    INTEGER_PRODUCTS,

    /**
     * Rules that give products with constant weights the weights of bytes, and quantise their rows during a call. They change
     * results, so they are applied only if a user asks for this precision.
     */
    INT8_DYNAMIC,

    /**
     * Rules that compute products with constant weights in BF16. They change results, so they are applied only if a user asks
     * for this precision.
     */
    BF16;

    /**
     * The rules that machines share. Each line is a family of rules, and the operators without which none of them matches: a
     * program makes a family when it first has a graph with one of these operators.
     */
    private static final RuleSet SHARED = AlgebraRules.SET
            .plus(lazy(() -> TabularRules.SET, Scaler.class, Imputer.class))
            .plus(lazy(() -> FeatureRules.SET, ArrayFeatureExtractor.class, FeatureVectorizer.class, Binarizer.class))
            .plus(lazy(() -> EncoderRules.SET, CategoryMapper.class, OneHotEncoder.class, TfIdfVectorizer.class))
            .plus(lazy(() -> DistanceRules.SET, ReduceL2.class, ReduceSumSquare.class)
                    .and(Sub.class))
            .plus(lazy(() -> LabelRules.SET, LinearClassifier.class, SVMClassifier.class, TreeEnsembleClassifier.class))
            .plus(lazy(
                    () -> LinearModelRules.SET,
                    LinearClassifier.class,
                    LinearRegressor.class,
                    SVMClassifier.class,
                    SVMRegressor.class))
            .plus(lazy(
                    () -> TransposeRules.SET.plus(TransposedViewRules.SET).plus(WeightPermutationRules.SET),
                    Transpose.class))
            .plus(lazy(() -> ShapeRules.SET, Reshape.class, If.class))
            .plus(lazy(() -> BatchNormalizationRules.SET, BatchNormalization.class))
            .plus(WeightFoldingRules.SET)
            .plus(lazy(() -> InputFoldingRules.SET, Conv.class, ConvTranspose.class, Gemm.class, MatMul.class))
            .plus(lazy(() -> PadFoldingRules.SET, Pad.class))
            .plus(lazy(() -> MatMulMergeRules.SET, MatMul.class, Gemm.class))
            .plus(lazy(() -> ConvMergeRules.SET, Conv.class))
            .plus(lazy(
                    () -> ActivationRules.SET,
                    Erf.class,
                    Tanh.class,
                    Sigmoid.class,
                    Exp.class,
                    Clip.class,
                    Min.class,
                    HardSigmoid.class))
            .plus(lazy(
                    () -> NormRules.SET,
                    ReduceMean.class,
                    ReduceSum.class,
                    ReduceSumSquare.class,
                    ReduceL2.class,
                    LayerNormalization.class,
                    RMSNormalization.class,
                    LpNormalization.class,
                    Softmax.class))
            .plus(lazy(() -> SqueezeExciteRules.SET, GlobalAveragePool.class, ReduceMean.class)
                    .and(Sigmoid.class, HardSigmoid.class, Tanh.class, Relu.class, Clip.class, Min.class))
            .plus(lazy(() -> DuplicatedHalvesRules.SET, Concat.class, Gather.class, Reshape.class))
            .plus(lazy(() -> RotaryRules.SET, Concat.class))
            .plus(lazy(() -> PartialRotaryRules.SET, RotaryEmbedding.class))
            .plus(lazy(
                    () -> AttentionRules.SET.plus(FlatAttentionRules.SET).plus(AttentionMaskRules.SET),
                    Softmax.class,
                    Attention.class))
            .plus(lazy(() -> QkvRules.SET, Attention.class))
            .plus(lazy(() -> QkvRotaryRules.SET, RotaryEmbedding.class))
            .plus(lazy(() -> ReversalRules.SET, Slice.class, ReverseSequence.class))
            .plus(lazy(() -> RecurrentRules.SET, Scan.class, Loop.class))
            .plus(lazy(
                    StandardRules::quantized,
                    QuantizedOperator.class,
                    QuantizeLinear.class,
                    DequantizeLinear.class,
                    BlockQuantizedMatMul.class,
                    MatMulInteger.class,
                    ConvInteger.class,
                    Conv.class));

    private static final RuleSet IN_FLOATS =
            SHARED.plus(lazy(() -> FakeQuantRules.OF_BYTES, QLinearConv.class, QLinearMatMul.class, QLinearAdd.class));

    private static final RuleSet IN_BYTES = lazy(
                    () -> ByteRules.SET, QLinearConv.class, QLinearMatMul.class, QLinearAdd.class)
            .plus(lazy(() -> RequantizedProductRules.SET, QuantizeLinear.class))
            .plus(lazy(() -> RoundedAttentionRules.SET, ThresholdedRelu.class, RoundedAttention.class))
            .plus(lazy(() -> ByteSumRules.SET, QLinearAdd.class));

    private static final RuleSet TO_INTEGERS = lazy(() -> QdqRules.SET, QuantizeLinear.class, ByteTable.class);

    private static final RuleSet TO_INTEGER_PRODUCTS =
            lazy(() -> DequantizedProductRules.SET, DequantizeLinear.class).and(MatMul.class, Gemm.class);

    /** Rules of quantised operators. */
    private static RuleSet quantized() {
        return lazy(() -> QuantizedOperatorRules.SET, QuantizedOperator.class)
                .plus(lazy(() -> QuantRules.SET, QuantizeLinear.class))
                .plus(lazy(() -> BlockWeightRules.SET, DequantizeLinear.class, BlockQuantizedMatMul.class))
                .plus(lazy(() -> FakeQuantRules.OF_FLOATS, DequantizeLinear.class))
                .plus(lazy(() -> DynamicQuantRules.SET, MatMulInteger.class, ConvInteger.class, Conv.class))
                .plus(lazy(() -> QkvIntegerRules.SET, MatMulInteger.class));
    }

    /**
     * The rules in the order in which they are tried, whether or not they pay.
     *
     * @return the set
     */
    public RuleSet rules() {
        return switch (this) {
            case FLOATS -> IN_FLOATS;
            case BYTES -> SHARED.plus(IN_BYTES);
            case INTEGERS -> TO_INTEGERS;
            case INTEGER_PRODUCTS -> TO_INTEGER_PRODUCTS;
            case INT8_DYNAMIC -> PrecisionRules.INT8_DYNAMIC;
            case BF16 -> PrecisionRules.BF16;
        };
    }

    /**
     * The rules that pay on a machine.
     *
     * @param fast tells whether an operator has kernels that pay
     * @return the set
     */
    public RuleSet paying(Predicate<Class<? extends Op>> fast) {
        return switch (this) {
            case FLOATS -> withBlocks(IN_FLOATS, fast);
            case BYTES -> withBlocks(SHARED, fast).plus(IN_BYTES.paying(fast));
            case INTEGERS, INTEGER_PRODUCTS, INT8_DYNAMIC, BF16 -> rules().paying(fast);
        };
    }

    /** Weights in blocks stay where a kernel takes them and they are large. Elsewhere they become numbers. */
    private static RuleSet withBlocks(RuleSet all, Predicate<Class<? extends Op>> fast) {
        RuleSet rules =
                all.where(rule -> rule.product() != BlockQuantizedMatMul.class).paying(fast);
        return rules.plus(lazy(
                () -> fast.test(BlockQuantizedMatMul.class) ? BlockWeightRules.LARGE : BlockWeightRules.EXPANSION,
                DequantizeLinear.class,
                BlockQuantizedMatMul.class));
    }
}
