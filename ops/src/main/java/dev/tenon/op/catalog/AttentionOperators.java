package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.CausalConvWithState;
import dev.tenon.op.attention.LinearAttention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.attention.SwiGLU;
import dev.tenon.op.attention.TensorScatter;

/** Attention, its caches and its positions. */
final class AttentionOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            AttentionOperators::make,
            "Attention",
            "RotaryEmbedding",
            "LinearAttention",
            "CausalConvWithState",
            "TensorScatter",
            "SwiGLU");

    private AttentionOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "Attention" -> op(Attention.SCHEMA, Attention.class, Attention::of);
            case "RotaryEmbedding" -> op(RotaryEmbedding.SCHEMA, RotaryEmbedding.class, RotaryEmbedding::of);
            case "LinearAttention" -> op(LinearAttention.SCHEMA, LinearAttention.class, LinearAttention::of);
            case "CausalConvWithState" ->
                op(CausalConvWithState.SCHEMA, CausalConvWithState.class, CausalConvWithState::of);
            case "TensorScatter" -> op(TensorScatter.SCHEMA, TensorScatter.class, TensorScatter::of);
            case "SwiGLU" -> op(SwiGLU.SCHEMA, SwiGLU.class, SwiGLU::of);
            default -> null;
        };
    }
}
