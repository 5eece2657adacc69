package dev.tenon.compression.quantize.weights;

import dev.tenon.formats.json.JsonText;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A decoder of one layer with random weights, as a folder of safetensors. Its embedding is its output matrix, too. */
final class SmallDecoder {
    /** The number of tokens. */
    static final int VOCABULARY = 96;

    private static final int HIDDEN = 64;
    private static final int INNER = 128;
    private static final int HEADS = 4;
    private static final int KEY_HEADS = 2;

    private SmallDecoder() {}

    /** Writes the folder, with matrices of a type. */
    static void write(Path folder, DType type) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("LlamaForCausalLM"));
        config.put("hidden_size", HIDDEN);
        config.put("intermediate_size", INNER);
        config.put("max_position_embeddings", 128);
        config.put("num_attention_heads", HEADS);
        config.put("num_hidden_layers", 1);
        config.put("num_key_value_heads", KEY_HEADS);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 1e4);
        config.put("tie_word_embeddings", true);
        config.put("hidden_act", "silu");
        Files.writeString(folder.resolve("config.json"), JsonText.of(config));
        int keys = HIDDEN / HEADS * KEY_HEADS;
        String layer = "model.layers.0.";
        Map<String, Tensor> all = new LinkedHashMap<>();
        matrix(all, type, "model.embed_tokens", VOCABULARY, HIDDEN);
        matrix(all, type, layer + "self_attn.q_proj", HIDDEN, HIDDEN);
        matrix(all, type, layer + "self_attn.k_proj", keys, HIDDEN);
        matrix(all, type, layer + "self_attn.v_proj", keys, HIDDEN);
        matrix(all, type, layer + "self_attn.o_proj", HIDDEN, HIDDEN);
        matrix(all, type, layer + "mlp.gate_proj", INNER, HIDDEN);
        matrix(all, type, layer + "mlp.up_proj", INNER, HIDDEN);
        matrix(all, type, layer + "mlp.down_proj", HIDDEN, INNER);
        for (String norm : List.of(layer + "input_layernorm", layer + "post_attention_layernorm", "model.norm")) {
            all.put(
                    norm + ".weight",
                    Tensor.convert(
                            DType.FLOAT32,
                            new SplittableRandom(1).doubles(HIDDEN, 0.9, 1.1).toArray()));
        }
        Files.write(folder.resolve("model.safetensors"), safetensors(all));
    }

    private static void matrix(Map<String, Tensor> all, DType type, String name, int rows, int columns) {
        double[] values = new SplittableRandom(name.hashCode())
                .doubles((long) rows * columns, -0.3, 0.3)
                .toArray();
        all.put(name + ".weight", Tensor.convert(type, values, rows, columns));
    }

    private static byte[] safetensors(Map<String, Tensor> tensors) {
        Map<String, Object> header = new LinkedHashMap<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, t) -> {
            int from = data.size();
            data.writeBytes(t.segment().toArray(ValueLayout.JAVA_BYTE));
            List<Long> dims = new ArrayList<>();
            for (long dim : t.dims()) {
                dims.add(dim);
            }
            String type = t.dtype() == DType.FLOAT32 ? "F32" : "BF16";
            header.put(name, Map.of("dtype", type, "shape", dims, "data_offsets", List.of(from, data.size())));
        });
        byte[] json = JsonText.of(header).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + data.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data.toByteArray())
                .array();
    }
}
