package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Gemma 3 for text: five layers of six see a window of keys and rotate by a base of their own. Queries, keys and results are
 * normalised, embeddings are multiplied by the root of their size.
 */
final class Gemma3 implements Architecture {
    private static final double ROPE_BASE = 1e6;
    private static final double LOCAL_BASE = 1e4;
    private static final String LOCAL = "sliding_attention";

    /** Each layer of so many sees all keys. */
    private static final int PERIOD = 6;

    /** The number of layers of the one model whose scale follows from the hidden size. A GGUF file does not say the scale. */
    private static final int LARGEST = 62;

    @Override
    public String ggufName() {
        return "gemma3";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("Gemma3ForCausalLM");
    }

    @Override
    public DecoderConfig config(GgufSettings s) {
        s.refuse("final_logit_softcapping");
        long size = s.layers() == LARGEST
                ? s.hidden() / s.queryHeads()
                : s.heads(null).size();
        Rope rope = s.rope(false, ROPE_BASE);
        Rope local = Rope.of(
                false,
                s.positive("rope.freq_base_swa", LOCAL_BASE),
                2L * rope.frequencies().size());
        return s.config(
                s.heads(scale(size)),
                rope,
                locality(s.window(), layer -> (layer + 1) % PERIOD != 0, local),
                style(s.hidden(), false));
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        s.activation("hidden_activation", "gelu_pytorch_tanh");
        s.refuse("final_logit_softcapping");
        s.refuse("attn_logit_softcapping");
        Members c = s.config();
        Members parameters = c.object("rope_parameters");
        Members global = parameters.object("full_attention");
        Rope rope = parameters.has("full_attention")
                ? s.scaled(s.plain(global.positive("rope_theta", ROPE_BASE)), global)
                : s.scaled(s.plain(c.positive("rope_theta", ROPE_BASE)), c.object("rope_scaling"));
        double base = parameters.object(LOCAL).positive("rope_theta", c.positive("rope_local_base_freq", LOCAL_BASE));
        double size = c.positive("query_pre_attn_scalar", s.heads(null).size());
        return s.config(
                s.heads(scale(size)),
                rope,
                locality(c.integer("sliding_window", 1, Long.MAX_VALUE, 0), isLocal(c), s.plain(base)),
                style(s.hidden(), true));
    }

    /** The kind of each layer, or its period in older files. */
    private static IntPredicate isLocal(Members config) {
        if (config.has("layer_types")) {
            List<?> kinds = config.get("layer_types", List.class);
            if (!kinds.stream().allMatch(k -> LOCAL.equals(k) || "full_attention".equals(k))) {
                throw config.unsupported("layer_types", "sliding_attention, full_attention");
            }
            config.integer("num_hidden_layers", 1, kinds.size());
            return layer -> LOCAL.equals(kinds.get(layer));
        }
        long period = config.integer("sliding_window_pattern", 1, Integer.MAX_VALUE, PERIOD);
        return layer -> (layer + 1) % period != 0;
    }

    private static Optional<Locality> locality(long window, IntPredicate isLocal, Rope rope) {
        return window == 0 ? Optional.empty() : Optional.of(new Locality(window, isLocal, rope));
    }

    private static float scale(double size) {
        return (float) (1 / Math.sqrt(size));
    }

    /** A GGUF file has 1 added to the weights of normalisations already. */
    private static Style style(long hidden, boolean normsPlusOne) {
        return new Style(true, true, true, Math.sqrt(hidden), normsPlusOne);
    }
}
