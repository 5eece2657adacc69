package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.CausalConvWithState;
import dev.tenon.op.attention.LinearAttention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.attention.SwiGLU;
import dev.tenon.op.attention.TensorScatter;

/** Attention, its caches and its positions. */
final class AttentionOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, AttentionOperators::make);

    private AttentionOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(Attention.SCHEMA, Attention.class, Attention::of),
                op(RotaryEmbedding.SCHEMA, RotaryEmbedding.class, RotaryEmbedding::of),
                op(LinearAttention.SCHEMA, LinearAttention.class, LinearAttention::of),
                op(CausalConvWithState.SCHEMA, CausalConvWithState.class, CausalConvWithState::of),
                op(TensorScatter.SCHEMA, TensorScatter.class, TensorScatter::of),
                op(SwiGLU.SCHEMA, SwiGLU.class, SwiGLU::of));
    }
}
