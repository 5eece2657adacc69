package dev.tenon.formats.decoder;

import dev.tenon.formats.json.Members;
import java.util.Map;

/** The {@code config.json} of a folder that describes a decoder, in the words of Hugging Face's transformers. */
final class FolderSettings extends DecoderSettings {
    /** The number that transformers take where a folder has none. */
    private static final double EPSILON = 1e-6;

    private static final Map<String, String> KEYS = Map.of(
            "block_count", "num_hidden_layers",
            "embedding_length", "hidden_size",
            "context_length", "max_position_embeddings",
            "attention.head_count", "num_attention_heads",
            "attention.head_count_kv", "num_key_value_heads",
            "attention.key_length", "head_dim",
            "attention.sliding_window", "sliding_window",
            "attention.sliding_window_pattern", "sliding_window_pattern");

    FolderSettings(Members config) {
        super(config, name -> KEYS.getOrDefault(name, name));
        if (config.has("quantization_config")) {
            throw config.unsupported("quantization_config", "weights in F32, F16 or BF16");
        }
    }

    @Override
    double epsilon() {
        return positive("rms_norm_eps", EPSILON);
    }

    /** Refuses another activation than this. */
    void activation(String name, String only) {
        if (!all().text(name, only).equals(only)) {
            throw all().unsupported(name, only);
        }
    }

    /** The rotation of all layers. */
    Rope rope() {
        Members given = all().object(all().has("rope_parameters") ? "rope_parameters" : "rope_scaling");
        return scaled(plain(given.positive("rope_theta", positive("rope_theta", Rope.BASE))), given);
    }

    /** A rotation of another base. */
    Rope plain(double base) {
        return Rope.of(false, base, heads().size());
    }

    /** A rotation as an object of the file changes it. */
    Rope scaled(Rope rope, Members scaling) {
        String name = scaling.has("rope_type") ? "rope_type" : "type";
        return switch (scaling.text(name, "default")) {
            case "default" -> rope;
            case "linear" -> rope.stretched(scaling.positive("factor"));
            case "llama3" -> {
                double low = scaling.positive("low_freq_factor");
                double high = scaling.positive("high_freq_factor");
                if (low >= high) {
                    throw scaling.wrong("high_freq_factor", "more than low_freq_factor " + low);
                }
                yield rope.llama3(
                        scaling.positive("factor"), low, high, scaling.positive("original_max_position_embeddings"));
            }
            default -> throw scaling.unsupported(name, "default, linear, llama3");
        };
    }
}
