package dev.tenon.op.fused;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class FusedOps {
    private FusedOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("dev.tenon", "ChannelsLast")) list.add(ChannelsLast.SCHEMA, ChannelsLast.class, ChannelsLast::of);
        if (list.asks("dev.tenon", "Fused")) list.add(Fused.SCHEMA, Fused.class, Fused::of);
        if (list.asks("dev.tenon", "QkvAttention")) list.add(QkvAttention.SCHEMA, QkvAttention.class, QkvAttention::of);
        if (list.asks("dev.tenon", "QkvRotaryEmbedding"))
            list.add(QkvRotaryEmbedding.SCHEMA, QkvRotaryEmbedding.class, QkvRotaryEmbedding::of);
        if (list.asks("dev.tenon", "SqueezeExcite"))
            list.add(SqueezeExcite.SCHEMA, SqueezeExcite.class, SqueezeExcite::of);
        if (list.asks("dev.tenon", "SumNormalization"))
            list.add(SumNormalization.SCHEMA, SumNormalization.class, SumNormalization::of);
        if (list.asks("dev.tenon", "TransposedMatMul"))
            list.add(TransposedMatMul.SCHEMA, TransposedMatMul.class, TransposedMatMul::of);
    }
}
