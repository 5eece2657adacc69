package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import java.util.Optional;
import java.util.Set;

/** Llama 1 to 3, Mistral, SmolLM and SmolLM2. GGUF has their queries and keys in an order in which neighbours make a pair. */
final class Llama implements Architecture {
    private static final double ROPE_BASE = 1e4;

    @Override
    public String ggufName() {
        return "llama";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("LlamaForCausalLM", "MistralForCausalLM");
    }

    @Override
    public DecoderConfig config(GgufSettings s) {
        Rope rope = s.rope(true, ROPE_BASE);
        return s.config(s.heads(null), rope, window(s.window(), rope), Style.PLAIN);
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        s.activation("hidden_act", "silu");
        Rope rope = s.rope();
        long window = s.config().integer("sliding_window", 1, Long.MAX_VALUE, 0);
        return s.config(s.heads(null), rope, window(window, rope), Style.PLAIN);
    }

    /** The first Mistral models see a window in all layers. */
    private static Optional<Locality> window(long window, Rope rope) {
        return window == 0 ? Optional.empty() : Optional.of(new Locality(window, layer -> true, rope));
    }
}
