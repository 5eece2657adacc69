package dev.tenon.op.attention;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class AttentionOps {
    private AttentionOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("Attention")) list.add(Attention.SCHEMA, Attention.class, Attention::of);
        if (list.asks("RotaryEmbedding")) list.add(RotaryEmbedding.SCHEMA, RotaryEmbedding.class, RotaryEmbedding::of);
        if (list.asks("LinearAttention")) list.add(LinearAttention.SCHEMA, LinearAttention.class, LinearAttention::of);
        if (list.asks("CausalConvWithState"))
            list.add(CausalConvWithState.SCHEMA, CausalConvWithState.class, CausalConvWithState::of);
        if (list.asks("TensorScatter")) list.add(TensorScatter.SCHEMA, TensorScatter.class, TensorScatter::of);
        if (list.asks("SwiGLU")) list.add(SwiGLU.SCHEMA, SwiGLU.class, SwiGLU::of);
    }
}
