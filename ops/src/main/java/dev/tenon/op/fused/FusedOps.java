package dev.tenon.op.fused;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class FusedOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(FusedOps::list);

    private FusedOps() {}

    private static void list(OpList list) {
        if (list.asks("dev.tenon", "ChannelsLast")) list.add(ChannelsLast.SCHEMA, ChannelsLast.class, ChannelsLast::of);
        if (list.asks("dev.tenon", "Fused")) list.add(Fused.SCHEMA, Fused.class, Fused::of);
        if (list.asks("dev.tenon", "QkvAttention")) list.add(QkvAttention.SCHEMA, QkvAttention.class, QkvAttention::of);
        if (list.asks("dev.tenon", "SumNormalization"))
            list.add(SumNormalization.SCHEMA, SumNormalization.class, SumNormalization::of);
    }
}
