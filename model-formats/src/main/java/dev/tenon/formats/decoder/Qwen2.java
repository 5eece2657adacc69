package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Style;
import java.util.Optional;
import java.util.Set;

/** Qwen2 and Qwen2.5: llama with biases of queries, keys and values. */
final class Qwen2 implements Architecture {
    @Override
    public String ggufName() {
        return "qwen2";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("Qwen2ForCausalLM");
    }

    @Override
    public DecoderConfig config(GgufSettings s) {
        return s.config(s.heads(), s.rope(false, Rope.BASE), Optional.empty(), Style.PLAIN);
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        return withoutWindow(s, Style.PLAIN);
    }

    /** A folder of Qwen whose layers all see all keys. */
    static DecoderConfig withoutWindow(FolderSettings s, Style style) {
        s.activation("hidden_act", "silu");
        if (s.all().flag("use_sliding_window", false)) {
            throw s.all().unsupported("use_sliding_window", "false");
        }
        return s.config(s.heads(), s.rope(), Optional.empty(), style);
    }
}
