package dev.tenon.formats.decoder;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The names of tensors in a folder of Hugging Face's transformers, by those of GGUF.
 *
 * @param normsAfter whether the architecture normalises results too, which changes the names of normalisations
 */
record FolderNames(boolean normsAfter) implements UnaryOperator<String> {
    private static final String LAYER = "blk.";

    private static final Map<String, String> MODEL = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");

    private static final Map<String, String> PARTS = Map.ofEntries(
            Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_q_norm", "self_attn.q_norm"),
            Map.entry("attn_k_norm", "self_attn.k_norm"),
            Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("post_attention_norm", "post_attention_layernorm"),
            Map.entry("post_ffw_norm", "post_feedforward_layernorm"),
            Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"),
            Map.entry("ffn_down", "mlp.down_proj"));

    @Override
    public String apply(String name) {
        if (!name.startsWith(LAYER)) {
            return MODEL.getOrDefault(name, name);
        }
        int after = name.indexOf('.', LAYER.length());
        int dot = name.lastIndexOf('.');
        String part = name.substring(after + 1, dot);
        String own = part.equals("ffn_norm")
                ? normsAfter ? "pre_feedforward_layernorm" : "post_attention_layernorm"
                : PARTS.get(part);
        return "model.layers." + name.substring(LAYER.length(), after) + "." + own + name.substring(dot);
    }
}
