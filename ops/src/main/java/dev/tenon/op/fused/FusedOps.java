package dev.tenon.op.fused;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class FusedOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(Fused.SCHEMA, Fused.class, Fused::of)
            .with(QkvAttention.SCHEMA, QkvAttention.class, QkvAttention::of)
            .with(SumNormalization.SCHEMA, SumNormalization.class, SumNormalization::of);

    private FusedOps() {}
}
