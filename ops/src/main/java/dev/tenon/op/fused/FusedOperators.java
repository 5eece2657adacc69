package dev.tenon.op.fused;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;

/** Operators that rules and passes of the optimiser make of others. */
public final class FusedOperators {
    private static final OpSet SET = OpSet.lazy(Domains.TENON, FusedOperators::make);

    private FusedOperators() {}

    /**
     * All operators of this package.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(BlockQuantizedMatMul.SCHEMA, BlockQuantizedMatMul.class, BlockQuantizedMatMul::of),
                op(new BFloat16MatMul()),
                op(new ByteTable()),
                op(new DynamicQuantizedMatMul()),
                op(ChannelsLast.SCHEMA, ChannelsLast.class, ChannelsLast::of),
                op(Fused.SCHEMA, Fused.class, Fused::of),
                op(QkvAttention.SCHEMA, QkvAttention.class, QkvAttention::of),
                op(QkvRotaryEmbedding.SCHEMA, QkvRotaryEmbedding.class, QkvRotaryEmbedding::of),
                op(QuantizedConvSum.SCHEMA, QuantizedConvSum.class, QuantizedConvSum::of),
                op(QuantizedOperator.SCHEMA, QuantizedOperator.class, QuantizedOperator::of),
                op(SqueezeExcite.SCHEMA, SqueezeExcite.class, SqueezeExcite::of),
                op(SumNormalization.SCHEMA, SumNormalization.class, SumNormalization::of),
                op(new TransposedMatMul()));
    }
}
