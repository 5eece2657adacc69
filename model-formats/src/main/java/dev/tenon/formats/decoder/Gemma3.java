package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Gemma 3 for text: five layers of six see a window of keys and rotate by a base of their own. Queries, keys and results are
 * normalised, embeddings are multiplied by the root of their size.
 */
final class Gemma3 implements Architecture {
    private static final double ROPE_BASE = 1e6;
    private static final String LOCAL = "sliding_attention";

    /** Each layer of so many sees all keys unless a file says otherwise. */
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
        Heads heads = s.heads();
        long size = s.layers() == LARGEST ? s.hidden() / heads.query() : heads.size();
        Rope rope = s.rope(false, ROPE_BASE);
        Rope local = Rope.of(
                false,
                s.positive("rope.freq_base_swa", Rope.BASE),
                2L * rope.frequencies().size());
        return s.config(
                heads.scaledFor(size), rope, Locality.of(s.window(), byPeriod(s), local), style(s.hidden(), false));
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        s.activation("hidden_activation", "gelu_pytorch_tanh");
        Heads heads = s.heads();
        Members c = s.all();
        Members parameters = c.object("rope_parameters");
        Members global = parameters.object("full_attention");
        Rope rope = parameters.has("full_attention")
                ? s.scaled(s.plain(global.positive("rope_theta", ROPE_BASE)), global)
                : s.scaled(s.plain(c.positive("rope_theta", ROPE_BASE)), c.object("rope_scaling"));
        double base = parameters.object(LOCAL).positive("rope_theta", c.positive("rope_local_base_freq", Rope.BASE));
        return s.config(
                heads.scaledFor(c.positive("query_pre_attn_scalar", heads.size())),
                rope,
                Locality.of(s.window(), isLocal(s), s.plain(base)),
                style(s.hidden(), true));
    }

    /** The kind of each layer, or its period in older files. */
    private static IntPredicate isLocal(FolderSettings s) {
        Members config = s.all();
        if (config.has("layer_types")) {
            List<?> kinds = config.get("layer_types", List.class);
            if (!kinds.stream().allMatch(k -> LOCAL.equals(k) || "full_attention".equals(k))) {
                throw config.unsupported("layer_types", "sliding_attention, full_attention");
            }
            config.integer("num_hidden_layers", 1, kinds.size());
            return layer -> LOCAL.equals(kinds.get(layer));
        }
        return byPeriod(s);
    }

    private static IntPredicate byPeriod(DecoderSettings s) {
        long period = s.integer("attention.sliding_window_pattern", 1, Integer.MAX_VALUE, PERIOD);
        return layer -> (layer + 1) % period != 0;
    }

    /** A GGUF file has 1 added to the weights of normalisations already. */
    private static Style style(long hidden, boolean normsPlusOne) {
        return new Style(true, true, true, Math.sqrt(hidden), normsPlusOne);
    }
}
