package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.Optional;

/** The {@code config.json} of a folder that describes a decoder, in the words of Hugging Face's transformers. */
final class FolderSettings {
    /** The number that transformers take where a folder has none. */
    private static final double EPSILON = 1e-6;

    private static final double ROPE_BASE = 1e4;

    private final Members config;

    FolderSettings(Members config) {
        this.config = config;
        if (config.has("quantization_config")) {
            throw config.unsupported("quantization_config", "weights in F32, F16 or BF16");
        }
    }

    Members config() {
        return config;
    }

    int layers() {
        return (int) config.integer("num_hidden_layers", 1, DecoderConfig.MOST_LAYERS);
    }

    long hidden() {
        return config.integer("hidden_size", 1, DecoderConfig.MOST_WIDTH);
    }

    Heads heads(Float scale) {
        long query = config.integer("num_attention_heads", 1, DecoderConfig.MOST_HEADS);
        long key = config.integer("num_key_value_heads", 1, query, query);
        if (query % key != 0) {
            throw config.wrong("num_key_value_heads", "a divisor of the " + query + " heads of queries");
        }
        long size = config.integer("head_dim", 1, DecoderConfig.MOST_HEAD_SIZE, hidden() / query);
        if (size == 0 || size % 2 != 0 || !config.has("head_dim") && hidden() % query != 0) {
            throw config.wrong(
                    config.has("head_dim") ? "head_dim" : "num_attention_heads",
                    "heads of an even size, for a hidden size of " + hidden());
        }
        return new Heads(query, key, size, scale);
    }

    /** Refuses another activation than this. */
    void activation(String name, String only) {
        if (!config.text(name, only).equals(only)) {
            throw config.unsupported(name, only);
        }
    }

    /** Refuses a value that is there and not null. */
    void refuse(String name) {
        if (config.has(name)) {
            throw config.unsupported(name, "null");
        }
    }

    /** The rotation of all layers. */
    Rope rope() {
        Members given =
                config.has("rope_parameters") ? config.object("rope_parameters") : config.object("rope_scaling");
        Rope plain = plain(given.positive("rope_theta", config.positive("rope_theta", ROPE_BASE)));
        return scaled(plain, given);
    }

    /** A rotation of another base. */
    Rope plain(double base) {
        return Rope.of(false, base, heads(null).size());
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

    DecoderConfig config(Heads heads, Rope rope, Optional<Locality> locality, Style style) {
        return new DecoderConfig(
                layers(),
                hidden(),
                config.integer("max_position_embeddings", 1, DecoderConfig.MOST_CONTEXT),
                (float) config.positive("rms_norm_eps", EPSILON),
                heads,
                rope,
                locality,
                style);
    }
}
