package dev.tenon.formats.decoder;

import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The settings of a decoder that both kinds of files have, under names of their own. */
abstract sealed class DecoderSettings permits GgufSettings, FolderSettings {
    private final Members all;
    private final UnaryOperator<String> keys;

    /**
     * The settings of a file.
     *
     * @param all all of them
     * @param keys gives the name in the file of a setting that GGUF calls so
     */
    DecoderSettings(Members all, UnaryOperator<String> keys) {
        this.all = all;
        this.keys = keys;
        refuse("final_logit_softcapping");
        refuse("attn_logit_softcapping");
    }

    final String key(String name) {
        return keys.apply(name);
    }

    /** All settings of the file. */
    final Members all() {
        return all;
    }

    final long integer(String name, long least, long most, long absent) {
        return all.integer(key(name), least, most, absent);
    }

    final double positive(String name, double absent) {
        return all.positive(key(name), absent);
    }

    /** Refuses a number that is there and not 0. */
    private void refuse(String name) {
        if (all.find(key(name), Number.class).orElse(0).doubleValue() != 0) {
            throw all.unsupported(key(name), "0, or no such value");
        }
    }

    int layers() {
        return (int) all.integer(key("block_count"), 1, DecoderConfig.MOST_LAYERS);
    }

    long hidden() {
        return all.integer(key("embedding_length"), 1, DecoderConfig.MOST_WIDTH);
    }

    /** The window of keys; 0 if there is none. */
    long window() {
        return integer("attention.sliding_window", 0, Long.MAX_VALUE, 0);
    }

    /** The heads, with the scale that follows from their size. */
    Heads heads() {
        long query = all.integer(key("attention.head_count"), 1, DecoderConfig.MOST_HEADS);
        long key = integer("attention.head_count_kv", 1, query, query);
        if (query % key != 0) {
            throw all.wrong(key("attention.head_count_kv"), "a divisor of the " + query + " heads of queries");
        }
        boolean given = all.has(key("attention.key_length"));
        long size = integer("attention.key_length", 1, DecoderConfig.MOST_HEAD_SIZE, hidden() / query);
        if (size == 0 || size % 2 != 0 || size > DecoderConfig.MOST_HEAD_SIZE || !given && hidden() % query != 0) {
            throw all.wrong(
                    key(given ? "attention.key_length" : "attention.head_count"),
                    "heads of an even size up to " + DecoderConfig.MOST_HEAD_SIZE + ", for an embedding length of "
                            + hidden());
        }
        integer("attention.value_length", size, size, size);
        return new Heads(query, key, size, null);
    }

    DecoderConfig config(Heads heads, Rope rope, Optional<Locality> locality, Style style) {
        return new DecoderConfig(
                layers(),
                hidden(),
                all.integer(key("context_length"), 1, DecoderConfig.MOST_CONTEXT),
                (float) epsilon(),
                heads,
                rope,
                locality,
                style);
    }

    /** The number that is added to the mean square of a normalisation. */
    abstract double epsilon();
}
