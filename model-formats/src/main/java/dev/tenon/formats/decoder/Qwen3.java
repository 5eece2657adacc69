package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Style;
import java.util.Optional;
import java.util.Set;

/** Qwen3: llama with normalised queries and keys, and heads of a size of their own. */
final class Qwen3 implements Architecture {
    @Override
    public String ggufName() {
        return "qwen3";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("Qwen3ForCausalLM");
    }

    @Override
    public DecoderConfig config(GgufSettings s) {
        return s.config(s.heads(), s.rope(false, Rope.BASE), Optional.empty(), Style.HEAD_NORMS);
    }

    @Override
    public DecoderConfig config(FolderSettings s) {
        return Qwen2.withoutWindow(s, Style.HEAD_NORMS);
    }
}
