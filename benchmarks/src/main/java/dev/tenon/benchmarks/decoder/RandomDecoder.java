package dev.tenon.benchmarks.decoder;

import dev.tenon.formats.gguf.GgufTensor;
import dev.tenon.formats.gguf.GgufType;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Decoders with random weights in real shapes, as GGUF files. Times depend on shapes and not on weights. */
public enum RandomDecoder {
    /** Qwen2.5-0.5B: 896 is no multiple of 256, the embedding is the output matrix. */
    QWEN2_0_5B("qwen2.5-0.5b", "qwen2", new Sizes(896, 24, 14, 2, 4864, 151_936)),
    /** TinyLlama-1.1B, with an output matrix of its own. */
    LLAMA_1_1B("tinyllama-1.1b", "llama", new Sizes(2048, 22, 32, 4, 5632, 32_000)),
    /** No real shape: small enough to try a run. */
    TRIAL("trial", "llama", new Sizes(64, 2, 2, 1, 96, 512));

    /** The first token that is a word. */
    static final int FIRST_WORD = 259;

    private static final int CONTEXT = 2048;
    private static final float EPSILON = 1e-5f;
    private static final float ROPE_BASE = 1e4f;

    /** The kinds of tokens of GGUF. */
    private static final int NORMAL = 1;

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private final String title;
    private final String family;
    private final Sizes sizes;

    /**
     * The sizes of a decoder.
     *
     * @param hidden the elements between layers
     * @param layers the layers
     * @param heads the heads of queries
     * @param keyHeads the heads of keys
     * @param inner the elements within the feed-forward part
     * @param vocabulary the tokens
     */
    record Sizes(int hidden, int layers, int heads, int keyHeads, int inner, int vocabulary) {
        int headSize() {
            return hidden / heads;
        }
    }

    /** The types of the matrices of a file. */
    public enum Mixture {
        /** Blocks of 4 bits; the output matrix has 6 where rows allow it, otherwise 8. */
        Q4_0,
        /** Blocks of 8 bits. */
        Q8_0,
        /** As llama.cpp mixes Q4_K and Q6_K. */
        Q4_K_M;

        /** The type of a matrix in a layer; half of the layers have more bits for values and the second product. */
        private GgufType type(String part, int layer, int layers) {
            boolean isFine = layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
            return switch (this) {
                case Q4_0 -> GgufType.Q4_0;
                case Q8_0 -> GgufType.Q8_0;
                case Q4_K_M ->
                    isFine && (part.equals("attn_v") || part.equals("ffn_down")) ? GgufType.Q6_K : GgufType.Q4_K;
            };
        }

        private GgufType head(int hidden) {
            boolean isWide = hidden % BlockFormat.Q6_K.blockSize() == 0;
            return this == Q8_0 || !isWide ? GgufType.Q8_0 : GgufType.Q6_K;
        }
    }

    RandomDecoder(String title, String family, Sizes sizes) {
        this.title = title;
        this.family = family;
        this.sizes = sizes;
    }

    /** {@return its name} */
    public String title() {
        return title;
    }

    /** {@return whether people run a decoder of this shape} */
    boolean isReal() {
        return this != TRIAL;
    }

    /** {@return the number of its tokens} */
    public int vocabulary() {
        return sizes.vocabulary();
    }

    /** {@return the mixtures that its rows allow} */
    public List<Mixture> mixtures() {
        return sizes.hidden() % BlockFormat.Q4_K.blockSize() == 0
                ? List.of(Mixture.values())
                : List.of(Mixture.Q4_0, Mixture.Q8_0);
    }

    /** {@return the bytes of all matrices that a step reads whole} */
    long weightBytes(Mixture mixture) {
        return matrices(mixture).stream().mapToLong(Matrix::bytes).sum();
    }

    /** The multiplications and additions of products with matrices in a step. */
    double operations(Mixture mixture, int tokens) {
        double operations = 0;
        for (Matrix m : matrices(mixture)) {
            operations += 2.0 * m.rows() * m.columns() * (m.isHead() ? 1 : tokens);
        }
        return operations;
    }

    /** A matrix of blocks. */
    private record Matrix(String name, GgufType type, int rows, int columns, boolean isHead) {
        long bytes() {
            return rows * blocks().rowBytes(columns);
        }

        BlockFormat blocks() {
            return type.blocks().orElseThrow();
        }
    }

    private boolean isTied() {
        return this == QWEN2_0_5B;
    }

    private List<Matrix> matrices(Mixture mixture) {
        List<Matrix> all = new ArrayList<>();
        int h = sizes.hidden();
        int keys = sizes.keyHeads() * sizes.headSize();
        for (int i = 0; i < sizes.layers(); i++) {
            add(all, mixture, i, "attn_q", h, h);
            add(all, mixture, i, "attn_k", keys, h);
            add(all, mixture, i, "attn_v", keys, h);
            add(all, mixture, i, "attn_output", h, h);
            add(all, mixture, i, "ffn_gate", sizes.inner(), h);
            add(all, mixture, i, "ffn_up", sizes.inner(), h);
            add(all, mixture, i, "ffn_down", h, sizes.inner());
        }
        String head = isTied() ? "token_embd.weight" : "output.weight";
        all.add(new Matrix(head, mixture.head(h), sizes.vocabulary(), h, true));
        return all;
    }

    private void add(List<Matrix> all, Mixture mixture, int layer, String part, int rows, int columns) {
        GgufType type = mixture.type(part, layer, sizes.layers());
        all.add(new Matrix("blk." + layer + "." + part + ".weight", type, rows, columns, false));
    }

    /**
     * Writes a file.
     *
     * @param mixture the types of its matrices
     * @param file the file
     */
    void write(Mixture mixture, Path file) {
        GgufWriter writer = new GgufWriter();
        String a = family + ".";
        writer.put("general.architecture", family)
                .put("general.name", "random " + title)
                .put("general.quantization_version", 2)
                .put(a + "context_length", CONTEXT)
                .put(a + "embedding_length", sizes.hidden())
                .put(a + "block_count", sizes.layers())
                .put(a + "feed_forward_length", sizes.inner())
                .put(a + "attention.head_count", sizes.heads())
                .put(a + "attention.head_count_kv", sizes.keyHeads())
                .put(a + "attention.layer_norm_rms_epsilon", EPSILON)
                .put(a + "rope.freq_base", ROPE_BASE)
                .put(a + "rope.dimension_count", sizes.headSize())
                .put(a + "vocab_size", sizes.vocabulary())
                .put("tokenizer.ggml.model", "llama");
        putVocabulary(writer);
        for (int i = 0; i < sizes.layers(); i++) {
            String block = "blk." + i + ".";
            writer.put(block + "attn_norm.weight", vector(sizes.hidden(), 1));
            writer.put(block + "ffn_norm.weight", vector(sizes.hidden(), 1));
            if (family.equals("qwen2")) {
                int keys = sizes.keyHeads() * sizes.headSize();
                writer.put(block + "attn_q.bias", vector(sizes.hidden(), 0));
                writer.put(block + "attn_k.bias", vector(keys, 0));
                writer.put(block + "attn_v.bias", vector(keys, 0));
            }
        }
        writer.put("output_norm.weight", vector(sizes.hidden(), 1));
        try (Arena arena = Arena.ofConfined()) {
            List<Matrix> all = matrices(mixture);
            if (!isTied()) {
                GgufType type = mixture.type("token_embd", sizes.layers() / 2, sizes.layers());
                all.add(new Matrix("token_embd.weight", type, sizes.vocabulary(), sizes.hidden(), false));
            }
            for (Matrix m : all) {
                List<Long> dims = List.of((long) m.rows(), (long) m.columns());
                writer.put(new GgufTensor(m.name(), m.type(), dims, random(m, arena)));
            }
            writer.write(file);
        }
    }

    /** Special tokens, one for each byte, and words of letters, of which the first are the likeliest. */
    private void putVocabulary(GgufWriter writer) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(UNKNOWN, CONTROL, CONTROL));
        for (int value = 0; value <= 0xFF; value++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", value));
            types.add(BYTE);
        }
        while (tokens.size() < sizes.vocabulary()) {
            String digits = Integer.toString(tokens.size(), Character.MAX_RADIX);
            tokens.add("\u2581" + digits);
            types.add(NORMAL);
        }
        float[] scores = new float[tokens.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = -i;
        }
        writer.put("tokenizer.ggml.tokens", tokens)
                .put(
                        "tokenizer.ggml.token_type",
                        types.stream().mapToInt(i -> i).toArray())
                .put("tokenizer.ggml.scores", scores)
                .put("tokenizer.ggml.bos_token_id", tokens.indexOf("<s>"))
                .put("tokenizer.ggml.eos_token_id", tokens.indexOf("</s>"))
                .put("tokenizer.ggml.unknown_token_id", tokens.indexOf("<unk>"));
    }

    private static Tensor vector(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return Tensor.of(values, size);
    }

    /** Random blocks, whose numbers are of about one over the root of the columns. */
    private static MemorySegment random(Matrix matrix, Arena arena) {
        MemorySegment bytes = arena.allocate(matrix.bytes(), Long.BYTES);
        SplittableRandom random = new SplittableRandom(matrix.name().hashCode());
        for (long at = 0; at + Long.BYTES <= bytes.byteSize(); at += Long.BYTES) {
            bytes.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        BlockFormat format = matrix.blocks();
        float most = (float) (4 / Math.sqrt(matrix.columns())) / (1 << format.bits());
        boolean isOneLevel = format.groupSize() == format.blockSize();
        float scale = isOneLevel ? most : format == BlockFormat.Q6_K ? most / 64 : most / 32;
        float minimum = scale * (1 << (format.bits() - 1));
        int scaleAt = format == BlockFormat.Q6_K ? format.blockBytes() - Short.BYTES : 0;
        ValueLayout.OfShort half = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < bytes.byteSize(); at += format.blockBytes()) {
            float factor = (float) random.nextDouble(0.5, 1);
            bytes.set(half, at + scaleAt, Float.floatToFloat16(factor * scale));
            if (format.hasMinimum()) {
                bytes.set(half, at + Short.BYTES, Float.floatToFloat16(factor * minimum));
            }
        }
        return bytes;
    }
}
