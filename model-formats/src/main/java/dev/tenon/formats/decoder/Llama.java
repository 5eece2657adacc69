package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import java.util.Set;

/** Llama 1 to 3, Mistral, SmolLM and SmolLM2. GGUF has their queries and keys in an order in which neighbours make a pair. */
final class Llama implements Architecture {
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
        return config(s, s.rope(true, Rope.BASE));
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        s.activation("hidden_act", "silu");
        return config(s, s.rope());
    }

    /** The first Mistral models see a window in all layers. */
    private static DecoderConfig config(DecoderSettings s, Rope rope) {
        return s.config(s.heads(), rope, Locality.of(s.window(), layer -> true, rope), Style.PLAIN);
    }
}
