package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.Optional;

/** The metadata of a GGUF file that describe a decoder. Their keys begin with the name of the architecture. */
final class GgufSettings {
    private final Members metadata;
    private final String architecture;

    GgufSettings(Members metadata, String architecture) {
        this.metadata = metadata;
        this.architecture = architecture;
        if (integer("expert_count", 0) > 0) {
            throw metadata.unsupported(key("expert_count"), "0: no mixture of experts");
        }
        if (!metadata.flag(key("attention.causal"), true)) {
            throw metadata.unsupported(key("attention.causal"), "true");
        }
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private long integer(String name, long absent) {
        return metadata.integer(key(name), 0, DecoderConfig.MOST_CONTEXT, absent);
    }

    int layers() {
        return (int) metadata.integer(key("block_count"), 1, DecoderConfig.MOST_LAYERS);
    }

    long hidden() {
        return metadata.integer(key("embedding_length"), 1, DecoderConfig.MOST_WIDTH);
    }

    long queryHeads() {
        return metadata.integer(key("attention.head_count"), 1, DecoderConfig.MOST_HEADS);
    }

    Heads heads(Float scale) {
        long query = queryHeads();
        long key = metadata.integer(key("attention.head_count_kv"), 1, query, query);
        if (query % key != 0) {
            throw metadata.wrong(key("attention.head_count_kv"), "a divisor of the " + query + " heads of queries");
        }
        long size = metadata.integer(key("attention.key_length"), 1, DecoderConfig.MOST_HEAD_SIZE, hidden() / query);
        if (size == 0 || !metadata.has(key("attention.key_length")) && hidden() % query != 0) {
            throw metadata.wrong(key("attention.head_count"), "a divisor of the embedding length " + hidden());
        }
        metadata.integer(key("attention.value_length"), size, size, size);
        return new Heads(query, key, size, scale);
    }

    /** The rotation that the file describes, without factors that are a tensor. */
    Rope rope(boolean interleaved, double standardBase) {
        long size = heads(null).size();
        String dimensions = key("rope.dimension_count");
        long width = metadata.integer(dimensions, 2, size, size);
        if (width % 2 != 0) {
            throw metadata.wrong(dimensions, "an even number");
        }
        Rope rope = Rope.of(interleaved, metadata.positive(key("rope.freq_base"), standardBase), width);
        String type = key("rope.scaling.type");
        String older = key("rope.scale_linear");
        return switch (metadata.text(type, metadata.has(older) ? "linear" : "none")) {
            case "none" -> rope;
            case "linear" ->
                rope.stretched(
                        metadata.has(older)
                                ? metadata.positive(older)
                                : metadata.positive(key("rope.scaling.factor"), 1));
            default -> throw metadata.unsupported(type, "none, linear");
        };
    }

    /** The window of keys; 0 if there is none. */
    long window() {
        return integer("attention.sliding_window", 0);
    }

    double positive(String name, double absent) {
        return metadata.positive(key(name), absent);
    }

    /** Refuses a number that is there and not 0. */
    void refuse(String name) {
        if (metadata.find(key(name), Number.class).orElse(0).doubleValue() != 0) {
            throw metadata.unsupported(key(name), "0, or no such value");
        }
    }

    DecoderConfig config(Heads heads, Rope rope, Optional<Locality> locality, Style style) {
        return new DecoderConfig(
                layers(),
                hidden(),
                metadata.integer(key("context_length"), 1, DecoderConfig.MOST_CONTEXT),
                (float) metadata.positive(key("attention.layer_norm_rms_epsilon")),
                heads,
                rope,
                locality,
                style);
    }
}
