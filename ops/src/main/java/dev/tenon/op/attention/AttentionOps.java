package dev.tenon.op.attention;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class AttentionOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(Attention.SCHEMA, Attention.class, Attention::of)
            .with(RotaryEmbedding.SCHEMA, RotaryEmbedding.class, RotaryEmbedding::of)
            .with(LinearAttention.SCHEMA, LinearAttention.class, LinearAttention::of)
            .with(CausalConvWithState.SCHEMA, CausalConvWithState.class, CausalConvWithState::of)
            .with(TensorScatter.SCHEMA, TensorScatter.class, TensorScatter::of)
            .with(SwiGLU.SCHEMA, SwiGLU.class, SwiGLU::of);

    private AttentionOps() {}
}
