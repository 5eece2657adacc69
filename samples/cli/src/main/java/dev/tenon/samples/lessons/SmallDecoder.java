package dev.tenon.samples.lessons;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** The folder of a small decoder with random weights, always the same ones: what it writes are words without sense. */
public final class SmallDecoder {
    /** The most tokens of a text. */
    public static final int CONTEXT = 512;

    private static final String[] SYLLABLES = {"ba", "do", "fi", "ga", "lu", "me", "no", "ri"};
    private static final int WORDS = SYLLABLES.length * SYLLABLES.length;
    private static final int TOKENS = WORDS + 2;
    private static final int HIDDEN = 32;
    private static final int FEED_FORWARD = 64;
    private static final int LAYERS = 2;
    private static final int HEADS = 2;

    private SmallDecoder() {}

    /**
     * A word of the vocabulary.
     *
     * @param index 0 to 63
     * @return two syllables
     */
    public static String word(int index) {
        return SYLLABLES[index / SYLLABLES.length] + SYLLABLES[index % SYLLABLES.length];
    }

    /**
     * Writes the files of the model, as Hugging Face's transformers save them.
     *
     * @param folder an empty folder
     * @throws IOException if they can't be written
     */
    public static void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": %d,
                "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d, "num_attention_heads": %d,
                "num_key_value_heads": %d, "max_position_embeddings": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
                "tie_word_embeddings": true, "eos_token_id": 1}
                """.formatted(
                        TOKENS, HIDDEN, FEED_FORWARD, LAYERS, HEADS, HEADS, CONTEXT));
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            words.append(", \"").append(word(i)).append("\": ").append(i + 2);
        }
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "added_tokens": [
                {"id": 1, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
                "pre_tokenizer": {"type": "Whitespace"},
                "model": {"type": "WordLevel", "unk_token": "<unknown>", "vocab": {"<unknown>": 0, "<end>": 1%s}}}
                """.formatted(words));
        Files.write(folder.resolve("model.safetensors"), weights());
    }

    private static byte[] weights() {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new int[] {TOKENS, HIDDEN});
        shapes.put("model.norm.weight", new int[] {HIDDEN});
        for (int i = 0; i < LAYERS; i++) {
            String layer = "model.layers." + i + ".";
            shapes.put(layer + "input_layernorm.weight", new int[] {HIDDEN});
            shapes.put(layer + "post_attention_layernorm.weight", new int[] {HIDDEN});
            for (String part : new String[] {"q", "k", "v", "o"}) {
                shapes.put(layer + "self_attn." + part + "_proj.weight", new int[] {HIDDEN, HIDDEN});
            }
            shapes.put(layer + "mlp.gate_proj.weight", new int[] {FEED_FORWARD, HIDDEN});
            shapes.put(layer + "mlp.up_proj.weight", new int[] {FEED_FORWARD, HIDDEN});
            shapes.put(layer + "mlp.down_proj.weight", new int[] {HIDDEN, FEED_FORWARD});
        }
        StringBuilder header = new StringBuilder("{");
        int bytes = 0;
        for (Map.Entry<String, int[]> each : shapes.entrySet()) {
            int[] dims = each.getValue();
            int end = bytes + Float.BYTES * dims[0] * (dims.length == 1 ? 1 : dims[1]);
            header.append(header.length() == 1 ? "" : ",")
                    .append('"')
                    .append(each.getKey())
                    .append("\":{\"dtype\":\"F32\",\"shape\":[")
                    .append(dims.length == 1 ? "" + dims[0] : dims[0] + "," + dims[1])
                    .append("],\"data_offsets\":[")
                    .append(bytes)
                    .append(',')
                    .append(end)
                    .append("]}");
            bytes = end;
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + json.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        SplittableRandom random = new SplittableRandom(7);
        shapes.values().forEach(dims -> {
            int count = dims[0] * (dims.length == 1 ? 1 : dims[1]);
            for (int i = 0; i < count; i++) {
                // Wide enough that attention decides, or the last token would always be the next one.
                file.putFloat(dims.length == 1 ? 1 : (float) (random.nextGaussian() * 4 / Math.sqrt(HIDDEN)));
            }
        });
        return file.array();
    }
}
