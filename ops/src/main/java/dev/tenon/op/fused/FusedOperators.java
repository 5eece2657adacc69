package dev.tenon.op.fused;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.DequantizeBlocks;

/** Operators that rules and passes of the optimiser make of others, and those that readers make of weights in blocks of a format. */
public final class FusedOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.TENON,
            FusedOperators::make,
            "BlockMatMul",
            "BlockQuantizedMatMul",
            "BFloat16MatMul",
            "ByteTable",
            "CentredQuantization",
            "DequantizeBlocks",
            "DynamicQuantizedMatMul",
            "ChannelsLast",
            "Fused",
            "PagedAttention",
            "PairwiseDistances",
            "QkvAttention",
            "QkvRotaryEmbedding",
            "QuantizedConvSum",
            "QuantizedOperator",
            "RoundedAttention",
            "SqueezeExcite",
            "SumNormalization",
            "TransposedMatMul");

    private FusedOperators() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "BlockMatMul" -> op(BlockMatMul.SCHEMA, BlockMatMul.class, BlockMatMul::of);
            case "DequantizeBlocks" -> op(DequantizeBlocks.SCHEMA, DequantizeBlocks.class, DequantizeBlocks::of);
            case "BlockQuantizedMatMul" ->
                op(BlockQuantizedMatMul.SCHEMA, BlockQuantizedMatMul.class, BlockQuantizedMatMul::of);
            case "BFloat16MatMul" -> op(new BFloat16MatMul());
            case "ByteTable" -> op(new ByteTable());
            case "CentredQuantization" -> op(new CentredQuantization());
            case "DynamicQuantizedMatMul" -> op(new DynamicQuantizedMatMul());
            case "ChannelsLast" -> op(ChannelsLast.SCHEMA, ChannelsLast.class, ChannelsLast::of);
            case "Fused" -> op(Fused.SCHEMA, Fused.class, Fused::of);
            case "PagedAttention" -> op(PagedAttention.SCHEMA, PagedAttention.class, PagedAttention::of);
            case "PairwiseDistances" -> op(PairwiseDistances.SCHEMA, PairwiseDistances.class, PairwiseDistances::of);
            case "QkvAttention" -> op(QkvAttention.SCHEMA, QkvAttention.class, QkvAttention::of);
            case "QkvRotaryEmbedding" ->
                op(QkvRotaryEmbedding.SCHEMA, QkvRotaryEmbedding.class, QkvRotaryEmbedding::of);
            case "QuantizedConvSum" -> op(QuantizedConvSum.SCHEMA, QuantizedConvSum.class, QuantizedConvSum::of);
            case "QuantizedOperator" -> op(QuantizedOperator.SCHEMA, QuantizedOperator.class, QuantizedOperator::of);
            case "RoundedAttention" -> op(RoundedAttention.SCHEMA, RoundedAttention.class, RoundedAttention::of);
            case "SqueezeExcite" -> op(SqueezeExcite.SCHEMA, SqueezeExcite.class, SqueezeExcite::of);
            case "SumNormalization" -> op(SumNormalization.SCHEMA, SumNormalization.class, SumNormalization::of);
            case "TransposedMatMul" -> op(new TransposedMatMul());
            default -> null;
        };
    }
}
