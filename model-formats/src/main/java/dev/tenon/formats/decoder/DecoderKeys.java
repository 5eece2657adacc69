package dev.tenon.formats.decoder;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.decoder.DecoderConfig.Locality;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.json.Members;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The metadata of GGUF for a decoder that was read from another kind of file. They have no tokenizer. */
final class DecoderKeys {
    private static final String ARCHITECTURE = "general.architecture";

    private DecoderKeys() {}

    /**
     * The metadata.
     *
     * @param architecture GGUF's name of the architecture
     * @param name the name of the model
     * @param c the decoder
     * @param sizes the widths that the weights have
     * @return values as the writer takes them
     */
    static Map<String, Object> of(String architecture, String name, DecoderConfig c, DecoderWriter.Sizes sizes) {
        String a = architecture + ".";
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(ARCHITECTURE, architecture);
        all.put("general.name", name);
        all.put(a + "context_length", (int) c.context());
        all.put(a + "embedding_length", (int) c.hidden());
        all.put(a + "block_count", c.layers());
        all.put(a + "feed_forward_length", (int) sizes.feedForward());
        all.put(a + "vocab_size", (int) sizes.vocabulary());
        all.put(a + "attention.head_count", (int) c.heads().query());
        all.put(a + "attention.head_count_kv", (int) c.heads().key());
        all.put(a + "attention.key_length", (int) c.heads().size());
        all.put(a + "attention.value_length", (int) c.heads().size());
        all.put(a + "attention.layer_norm_rms_epsilon", c.epsilon());
        all.put(a + "rope.dimension_count", 2 * c.rope().frequencies().size());
        all.put(a + "rope.freq_base", base(c.rope()));
        float factor = (float) (1 / c.rope().frequencies().getFirst());
        if (factor != 1) {
            all.put(a + "rope.scaling.type", "linear");
            all.put(a + "rope.scaling.factor", factor);
        }
        c.locality().ifPresent(locality -> put(all, a, c, locality));
        all.put("tokenizer.ggml.model", "no_vocab");
        return all;
    }

    private static void put(Map<String, Object> all, String a, DecoderConfig c, Locality locality) {
        all.put(a + "attention.sliding_window", (int) locality.window());
        if (!locality.rope().equals(c.rope())) {
            all.put(a + "rope.freq_base_swa", base(locality.rope()));
        }
        int first = 0;
        while (first < c.layers() && locality.isLocal().test(first)) {
            first++;
        }
        if (c.style().normsAfter()) {
            all.put(a + "attention.sliding_window_pattern", first + 1);
        }
    }

    /** The base of the frequencies {@code base^(-i / count)}, which may all be divided by a number. */
    private static float base(Rope rope) {
        List<Double> f = rope.frequencies();
        double count = f.size();
        return (float) (count == 1 ? Rope.BASE : Math.pow(f.getLast() / f.getFirst(), -count / (count - 1)));
    }

    /**
     * Whether the queries and keys of a decoder must get GGUF's order, in which neighbours are rotated together.
     *
     * @param thing how messages call the model
     * @param metadata the metadata of the file that is written
     * @param config the decoder
     * @return whether the metadata describe the decoder with this order, but the decoder has another one
     * @throws UnsupportedModelException if the metadata describe another decoder: GGUF has no words for this one
     */
    static boolean isInterleaved(String thing, Map<String, Object> metadata, DecoderConfig config) {
        if (!(metadata.get(ARCHITECTURE) instanceof String name)) {
            return false; // those of the file that it was read from
        }
        Map<String, Object> values = new LinkedHashMap<>();
        metadata.forEach((key, value) -> values.put(
                key,
                switch (value) {
                    case Integer n -> (Object) n.longValue();
                    case Float n -> (Object) n.doubleValue();
                    default -> value;
                }));
        DecoderConfig read =
                Architecture.ofGguf(thing, name).config(new GgufSettings(new Members(thing, values), name));
        boolean turned = read.rope().interleaved() && !config.rope().interleaved();
        check(thing, "heads", config.heads(), read.heads());
        check(thing, "epsilon", config.epsilon(), read.epsilon());
        check(thing, "a rotation", config.rope().frequencies(), read.rope().frequencies());
        check(thing, "a style", withoutOne(config.style()), withoutOne(read.style()));
        check(
                thing,
                "a window",
                config.locality().map(Locality::window),
                read.locality().map(Locality::window));
        check(
                thing,
                "a rotation of layers with a window",
                config.locality().map(l -> l.rope().frequencies()),
                read.locality().map(l -> l.rope().frequencies()));
        check(thing, "layers with a window", local(config), local(read));
        return turned;
    }

    private static Style withoutOne(Style s) {
        return new Style(s.headNorms(), s.normsAfter(), s.gelu(), s.embeddingScale(), false);
    }

    private static List<Integer> local(DecoderConfig config) {
        return IntStream.range(0, config.layers())
                .filter(config::isLocal)
                .boxed()
                .toList();
    }

    private static void check(String thing, String what, Object own, Object read) {
        if (!own.equals(read)) {
            throw new UnsupportedModelException(
                    thing,
                    what + " of " + own,
                    "what the metadata of GGUF can say, such as " + read,
                    "save it under a name that ends in .onnx");
        }
    }
}
