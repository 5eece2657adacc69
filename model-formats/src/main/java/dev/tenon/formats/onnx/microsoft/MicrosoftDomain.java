package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.domain.NormalizationLowerings;
import dev.tenon.formats.onnx.lowering.OperatorTable;

/**
 * The operators of the domain {@code com.microsoft} that are compositions of operators of the standard, as ONNX Runtime
 * documents them. An operator that is no composition is one of its own, in {@code dev.tenon.op.contrib}, and needs no
 * row.
 */
public final class MicrosoftDomain {
    /** The name of the domain. */
    public static final String NAME = "com.microsoft";

    private MicrosoftDomain() {}

    /**
     * Adds the rows of the operators to a table.
     *
     * @param t the table
     */
    public static void rows(OperatorTable t) {
        activations(t);
        products(t);
        normalisation(t);
        attention(t);
        quantisation(t);
        others(t);
    }

    private static void activations(OperatorTable t) {
        t.lowered(1, "Gelu", FusedLowerings::gelu);
        t.lowered(1, "FastGelu", FusedLowerings::fastGelu);
        t.lowered(1, "BiasGelu", FusedLowerings::biasGelu);
        t.lowered(1, "QuickGelu", FusedLowerings::quickGelu);
        t.lowered(1, "BiasSoftmax", FusedLowerings::biasSoftmax);
    }

    private static void products(OperatorTable t) {
        t.lowered(1, "GemmFastGelu", FusedLowerings::gemmFastGelu);
        t.lowered(1, "FusedMatMul", FusedLowerings::fusedMatMul);
        t.lowered(1, "TransposeMatMul", FusedLowerings::fusedMatMul);
        t.lowered(1, "FusedConv", FusedLowerings::fusedConv);
        t.lowered(1, "FusedGemm", FusedLowerings::fusedGemm);
        t.lowered(1, "MatMulNBits", BlockQuantizedLowerings::matMulNBits);
    }

    private static void normalisation(OperatorTable t) {
        t.lowered(1, "SkipLayerNormalization", FusedLowerings::skipLayerNormalization);
        t.lowered(1, "SkipSimplifiedLayerNormalization", FusedLowerings::skipSimplifiedLayerNormalization);
        t.lowered(1, "SimplifiedLayerNormalization", NormalizationLowerings::simplifiedLayer);
        t.lowered(1, "EmbedLayerNormalization", FusedLowerings::embedLayerNormalization);
    }

    private static void attention(OperatorTable t) {
        t.lowered(1, "Attention", AttentionLowerings::attention);
        t.lowered(1, "QAttention", AttentionLowerings::quantizedAttention);
        t.lowered(1, "MultiHeadAttention", AttentionLowerings::multiHeadAttention);
        t.lowered(1, "DecoderMaskedMultiHeadAttention", DecoderMaskedAttention::multiHead);
        t.lowered(1, "DecoderMaskedSelfAttention", DecoderMaskedAttention::self);
        t.lowered(1, "GroupQueryAttention", GroupQueryAttention::lower);
        t.lowered(1, "RotaryEmbedding", AttentionLowerings::rotaryEmbedding);
    }

    private static void quantisation(OperatorTable t) {
        t.lowered(1, "QuantizeLinear", FusedLowerings::standardOfSameName);
        t.lowered(1, "DequantizeLinear", FusedLowerings::standardOfSameName);
        t.lowered(1, "QLinearAdd", QuantizedLowerings::add);
        t.lowered(1, "QLinearMul", QuantizedLowerings::mul);
        t.lowered(1, "QLinearSigmoid", QuantizedLowerings::sigmoid);
        t.lowered(1, "QLinearLeakyRelu", QuantizedLowerings::leakyRelu);
        t.lowered(1, "QLinearSoftmax", QuantizedLowerings::softmax);
        t.lowered(1, "QLinearReduceMean", QuantizedLowerings::reduceMean);
        t.lowered(1, "QLinearAveragePool", QuantizedLowerings::averagePool);
        t.lowered(1, "QLinearGlobalAveragePool", QuantizedLowerings::globalAveragePool);
        t.lowered(1, "QLinearConcat", QuantizedLowerings::concat);
        t.lowered(1, "QLinearWhere", QuantizedLowerings::where);
        t.lowered(1, "QLinearConv", QuantizedLowerings::conv);
        t.lowered(1, "NhwcMaxPool", QuantizedLowerings::maxPool);
        t.lowered(1, "QGemm", QuantizedLowerings::gemm);
        t.lowered(1, "MatMulIntegerToFloat", QuantizedLowerings::matMulIntegerToFloat);
        t.lowered(1, "DynamicQuantizeMatMul", QuantizedLowerings::dynamicQuantizeMatMul);
        t.lowered(1, "GatherBlockQuantized", BlockQuantizedLowerings::gather);
    }

    private static void others(OperatorTable t) {
        t.lowered(1, "Trilu", FusedLowerings::standardOfSameName);
        t.lowered(1, "ExpandDims", FusedLowerings::expandDims);
        t.lowered(1, "GatherND", FusedLowerings::gatherND);
        t.lowered(1, "Pad", FusedLowerings::pad);
        t.lowered(1, "Range", FusedLowerings::range);
        t.lowered(1, "Unique", FusedLowerings::unique);
        t.lowered(1, "CDist", FusedLowerings::cdist);
        t.lowered(1, "UnfoldTensor", FusedLowerings::unfoldTensor);
        t.lowered(1, "MaxpoolWithMask", FusedLowerings::maxPoolWithMask);
    }
}
