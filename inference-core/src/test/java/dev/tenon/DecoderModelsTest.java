package dev.tenon;

import static dev.tenon.fixtures.DecoderRun.divergence;
import static dev.tenon.fixtures.DecoderRun.lastRow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.graph.Node;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoders of GGUF files and of folders: the logits of another program, a past, and whatever is refused. */
class DecoderModelsTest {
    private static final long SEED = 20261202;

    /** The most that the distribution of the next token may differ from the peer's, as a Kullback-Leibler divergence. */
    private static final double MOST_DIVERGENCE = 1e-6;

    /** The prompt that {@code logits} files begin with. */
    private static final long[] PROMPT = {1, 300, 301, 302, 17, 99, 310};

    @TempDir
    private Path folder;

    private static Model model(GgufWriter writer) {
        return Model.load(ByteBuffer.wrap(writer.bytes()));
    }

    private static Model model(Family family) {
        return model(TinyDecoders.gguf(family, DType.FLOAT32));
    }

    private static int largestAt(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    /** The logits of llama.cpp for the prompt, and for the tokens of the largest logit after it. */
    private static float[][] peer(Family family) throws IOException {
        try (InputStream in = DecoderModelsTest.class.getResourceAsStream("/decoders/" + family.gguf() + ".logits")) {
            ByteBuffer all = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            float[][] rows =
                    new float[all.remaining() / (Float.BYTES * TinyDecoders.VOCABULARY)][TinyDecoders.VOCABULARY];
            for (float[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = all.getFloat();
                }
            }
            return rows;
        }
    }

    @ParameterizedTest
    @EnumSource
    void logitsAreThoseOfThePeer(Family family) throws IOException {
        float[][] expected = peer(family);
        assertThat(expected.length).isGreaterThan(5);
        DecoderRun run = new DecoderRun(model(family).session(), family);
        long[] next = PROMPT;
        for (int i = 0; i < expected.length; i++) {
            float[] found = lastRow(run.step(next));
            assertThat(divergence(expected[i], found)).as("row %d", i).isLessThanOrEqualTo(MOST_DIVERGENCE);
            next = new long[] {largestAt(expected[i])};
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPastGivesTheLogitsOfTheWhole(Family family) {
        Model model = model(family);
        Tensor whole = new DecoderRun(model.session(), family).step(PROMPT);
        DecoderRun run = new DecoderRun(model.session(), family);
        Tensor first = run.step(Arrays.copyOf(PROMPT, 3));
        DecoderRun.close("prompt", first, rows(whole, 0, 3), model);
        for (int i = 3; i < PROMPT.length; i++) {
            DecoderRun.close("token " + i, run.step(PROMPT[i]), rows(whole, i, i + 1), model);
        }
    }

    private static Tensor rows(Tensor logits, int from, int to) {
        int width = TinyDecoders.VOCABULARY;
        return Tensor.of(Arrays.copyOfRange(logits.toFloatArray(), from * width, to * width), 1, to - from, width);
    }

    @ParameterizedTest
    @EnumSource
    void tokensThatTheMaskHidesDoNotCount(Family family) {
        Model model = model(family);
        Tensor plain = new DecoderRun(model.session(), family).step(PROMPT);
        int padding = 3;
        long[] ids = new long[padding + PROMPT.length];
        long[] mask = new long[ids.length];
        long[] positions = new long[ids.length];
        for (int i = 0; i < PROMPT.length; i++) {
            ids[padding + i] = PROMPT[i];
            mask[padding + i] = 1;
            positions[padding + i] = i;
        }
        Map<String, Tensor> inputs = new DecoderRun(model.session(), family).inputs(ids);
        inputs.put("attention_mask", Tensor.of(mask, 1, ids.length));
        inputs.put("position_ids", Tensor.of(positions, 1, ids.length));
        Tensor padded = model.predict(inputs).tensor("logits");
        DecoderRun.close("padded", rows(padded, padding, ids.length), plain, model);
    }

    @ParameterizedTest
    @CsvSource({"LLAMA,1", "QWEN2,2", "QWEN3,1", "GEMMA3,3"})
    void foldersGiveTheLogitsOfTheFile(Family family, int shards) throws IOException {
        TinyDecoders.folder(family, folder, DType.FLOAT32, shards);
        Model fromFolder = Model.load(folder);
        assertThat(fromFolder.name()).isEqualTo(folder.getFileName() + "/config.json");
        Tensor expected = new DecoderRun(model(family).session(), family).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(fromFolder.session(), family).step(PROMPT), expected, fromFolder);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16", "BFLOAT16"})
    void weightsOfSixteenBitsAreWidened(DType type) throws IOException {
        GgufWriter narrow = TinyDecoders.gguf(Family.LLAMA, type);
        TinyDecoders.folder(Family.LLAMA, folder, type, 1);
        Model file = model(narrow);
        Tensor found = new DecoderRun(file.session(), Family.LLAMA).step(PROMPT);
        Tensor other =
                new DecoderRun(Model.load(folder.resolve("model.safetensors")).session(), Family.LLAMA).step(PROMPT);
        DecoderRun.close("folder", other, found, file);
        float[] wide = lastRow(new DecoderRun(model(Family.LLAMA).session(), Family.LLAMA).step(PROMPT));
        assertThat(divergence(wide, lastRow(found))).isBetween(1e-9, 1e-2);
    }

    @ParameterizedTest
    @EnumSource
    void weightsInBlocksGiveTheLogitsOfTheirNumbers(BlockFormat format) {
        Family family = format.bits() == 4 ? Family.LLAMA : Family.QWEN2;
        Model blocks = model(TinyDecoders.blocks(family, format, false));
        assertThat(blocks.graph().nodes().stream().map(Node::op))
                .contains(new BlockMatMul(format, BlockMatMul.Activations.F32));
        Model numbers = model(TinyDecoders.blocks(family, format, true));
        Tensor expected = new DecoderRun(numbers.session(), family).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(blocks.session(), family).step(PROMPT), expected, blocks);
    }

    @Test
    void theSignatureIsThatOfExportedDecoders() {
        Model model = model(Family.QWEN3);
        assertThat(model.inputs().stream().map(ValueInfo::toString).toList())
                .startsWith(
                        "input_ids: i64[batch_size,sequence_length]",
                        "attention_mask: i64[batch_size,past_sequence_length+sequence_length]",
                        "position_ids: i64[batch_size,sequence_length]",
                        "past_key_values.0.key: f32[batch_size,2,past_sequence_length,32]");
        assertThat(model.outputs().stream().map(ValueInfo::toString).toList())
                .startsWith(
                        "logits: f32[batch_size,sequence_length,320]",
                        "present.0.key: f32[batch_size,2,past_sequence_length+sequence_length,32]");
        assertThat(model.metadata().properties())
                .containsEntry("general.name", "tiny qwen3")
                .containsEntry("qwen3.attention.head_count", "4");
    }

    /** A window in all layers changes nothing in their rotation. */
    @ParameterizedTest
    @CsvSource({"0", "4"})
    void frequenciesThatAreScaledAreThoseOfTheFolder(int window) throws IOException {
        // A wave of 8 positions is shorter than 16 / 1.5, one of 16 / 1 is longer, so all three cases are there.
        double factor = 8;
        double[] factors = new double[8];
        for (int i = 0; i < factors.length; i++) {
            double length = 2 * Math.PI * Math.pow(1e4, i / 8.0);
            double waves = 16 / length;
            double smooth = (waves - 0.5) / (1.5 - 0.5);
            factors[i] = waves > 1.5 ? 1 : waves < 0.5 ? factor : 1 / ((1 - smooth) / factor + smooth);
        }
        Model file = model(llama().put("llama.attention.sliding_window", window)
                .put("rope_freqs.weight", Tensor.convert(DType.FLOAT32, factors)));
        TinyDecoders.folder(Family.LLAMA, folder, DType.FLOAT32, 1);
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace(
                                "\"rope_scaling\":null",
                                "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 0.5,"
                                        + " \"high_freq_factor\": 1.5, \"original_max_position_embeddings\": 16},"
                                        + " \"sliding_window\": " + window));
        Model scaled = Model.load(folder);
        Tensor expected = new DecoderRun(file.session(), Family.LLAMA).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(scaled.session(), Family.LLAMA).step(PROMPT), expected, scaled);
        Model same = model(llama().put("llama.attention.sliding_window", window));
        Tensor plain = new DecoderRun(same.session(), Family.LLAMA).step(PROMPT);
        assertThat(divergence(lastRow(plain), lastRow(expected))).isGreaterThan(MOST_DIVERGENCE);
    }

    private static GgufWriter gemma() {
        return TinyDecoders.gguf(Family.GEMMA3, DType.FLOAT32);
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void layersWithAWindowAreThoseOfTheFolder(int pattern) throws IOException {
        Model file = model(gemma().put("gemma3.attention.sliding_window_pattern", pattern));
        TinyDecoders.folder(Family.GEMMA3, folder, DType.FLOAT32, 1);
        Path config = folder.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("\\{", "{\"sliding_window_pattern\": " + pattern + ","));
        Model other = Model.load(folder);
        Tensor expected = new DecoderRun(file.session(), Family.GEMMA3).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(other.session(), Family.GEMMA3).step(PROMPT), expected, other);
        Tensor six = new DecoderRun(model(Family.GEMMA3).session(), Family.GEMMA3).step(PROMPT);
        assertThat(divergence(lastRow(six), lastRow(expected))).isGreaterThan(MOST_DIVERGENCE);
    }

    /** The angles of a position far away are those of the sum of two, so only the distance of tokens counts. */
    @Test
    void tablesOfALongContextAreSmall() {
        Model model = model(llama().put("llama.context_length", 1 << 24));
        assertThat(model.graph().constants().stream().filter(v -> v.name().startsWith("rotary_table")))
                .isNotEmpty()
                .allMatch(v -> v.constant().dim(0) <= 1 << 12);
        Map<String, Tensor> inputs = new DecoderRun(model.session(), Family.LLAMA).inputs(PROMPT);
        Tensor near = model.predict(inputs).tensor("logits");
        long far = 10_000_000;
        inputs.put(
                "position_ids",
                Tensor.of(LongStream.range(far, far + PROMPT.length).toArray(), 1, PROMPT.length));
        DecoderRun.close("far", model.predict(inputs).tensor("logits"), near, model);
    }

    @Test
    void whateverLoadingTakesIsLimited() {
        byte[] file = llama().put("llama.context_length", 1 << 24).bytes();
        LoadOptions options = LoadOptions.standard();
        assertThatThrownBy(() -> Model.load(ByteBuffer.wrap(file), options.maxOperations(1_000_000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("LoadOptions.maxOperations");
        Limits few = Limits.standard().maxNodes(30);
        assertThatThrownBy(() -> Model.load(ByteBuffer.wrap(file), options.limits(few)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxNodes");
        assertThat(Model.load(ByteBuffer.wrap(llama().bytes()), options.maxOperations(1_000_000))
                        .inputs())
                .isNotEmpty();
        // Weights are looked at before angles are computed.
        GgufWriter small = llama().put("llama.context_length", 1 << 24).put("llama.block_count", 1);
        small.put("blk.0.attn_q.weight", Tensor.of(new float[64], 1, 64));
        assertThatThrownBy(() -> Model.load(ByteBuffer.wrap(small.bytes()), options.maxOperations(1_000_000)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("blk.0.attn_q.weight");
    }

    @Test
    void aFolderIsReadThroughAResolver() throws IOException {
        TinyDecoders.folder(Family.QWEN2, folder, DType.FLOAT32, 2);
        LoadOptions own = LoadOptions.standard()
                .externalData(name ->
                        ModelBytes.map(folder.resolve(name), Limits.standard()).segment());
        Model model = Model.load(folder, own);
        Tensor expected = new DecoderRun(model(Family.QWEN2).session(), Family.QWEN2).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(model.session(), Family.QWEN2).step(PROMPT), expected, model);
    }

    private static void refused(GgufWriter writer, Class<?> type, String word) {
        assertThatThrownBy(() -> model(writer)).as(word).isInstanceOf(type).hasMessageContaining(word);
    }

    @Test
    void whateverAFileHasThatIsNotComputedIsRefusedByName() {
        Class<?> unsupported = UnsupportedModelException.class;
        refused(llama().put("general.architecture", "mamba"), unsupported, "mamba");
        refused(llama().put("llama.rope.scaling.type", "yarn"), unsupported, "yarn");
        refused(llama().put("llama.expert_count", 8), unsupported, "llama.expert_count");
        refused(
                llama().put("blk.0.attn_sinks.weight", Tensor.of(new float[4])),
                unsupported,
                "blk.0.attn_sinks.weight");
        refused(gemma().put("gemma3.final_logit_softcapping", 30f), unsupported, "final_logit_softcapping");
        refused(gemma().put("gemma3.attn_logit_softcapping", 30f), unsupported, "attn_logit_softcapping");
        Class<?> malformed = MalformedModelException.class;
        refused(llama().put("llama.block_count", 3), malformed, "blk.2.attn_norm.weight");
        refused(llama().put("llama.block_count", 1L << 40), malformed, "llama.block_count");
        refused(llama().put("llama.context_length", -1), malformed, "llama.context_length");
        refused(llama().put("llama.attention.head_count_kv", 3), malformed, "llama.attention.head_count_kv");
        refused(llama().put("llama.attention.head_count", 0), malformed, "llama.attention.head_count");
        refused(llama().put("llama.attention.key_length", 1 << 14), malformed, "llama.attention.key_length");
        refused(llama().put("llama.embedding_length", 1 << 20), malformed, "heads of an even size up to 1024");
        refused(gemma().put("gemma3.attention.sliding_window_pattern", 0), malformed, "sliding_window_pattern");
        refused(llama().put("llama.rope.freq_base", Float.NaN), malformed, "llama.rope.freq_base");
        refused(llama().put("output_norm.weight", Tensor.of(new float[63])), malformed, "output_norm.weight");
        refused(llama().put("rope_freqs.weight", Tensor.of(new float[8])), malformed, "rope_freqs.weight");
    }

    private static GgufWriter llama() {
        return TinyDecoders.gguf(Family.LLAMA, DType.FLOAT32);
    }

    private void refusedConfig(String from, String to, Class<?> type, String word) throws IOException {
        Path config = folder.resolve("config.json");
        String before = Files.readString(config);
        assertThat(before).contains(from);
        Files.writeString(config, before.replace(from, to));
        assertThatThrownBy(() -> Model.load(folder)).as(word).isInstanceOf(type).hasMessageContaining(word);
        Files.writeString(config, before);
    }

    @Test
    void whateverAFolderHasThatIsNotComputedIsRefusedByName() throws IOException {
        TinyDecoders.folder(Family.QWEN2, folder, DType.FLOAT32, 1);
        Class<?> unsupported = UnsupportedModelException.class;
        refusedConfig("Qwen2ForCausalLM", "PhiForCausalLM", unsupported, "PhiForCausalLM");
        refusedConfig("\"rope_scaling\":null", "\"rope_scaling\": {\"type\": \"yarn\"}", unsupported, "yarn");
        refusedConfig("\"rope_scaling\":null", "\"use_sliding_window\": true", unsupported, "use_sliding_window");
        refusedConfig("\"rope_scaling\":null", "\"quantization_config\": {}", unsupported, "quantization_config");
        refusedConfig("\"silu\"", "\"relu\"", unsupported, "relu");
        Class<?> malformed = MalformedModelException.class;
        refusedConfig("\"num_hidden_layers\":2", "\"num_hidden_layers\":3", malformed, "model.layers.2.");
        refusedConfig("\"num_hidden_layers\":2", "\"num_hidden_layers\":\"2\"", malformed, "a whole number");
        refusedConfig("\"tie_word_embeddings\":true", "\"tie_word_embeddings\":false", malformed, "lm_head.weight");
        refusedConfig("\"hidden_size\":64,", "", malformed, "hidden_size");
        refusedConfig("\"hidden_size\":64", "\"hidden_size\":64, ,", malformed, "config.json");
        Files.delete(folder.resolve("model.safetensors"));
        assertThatThrownBy(() -> Model.load(folder))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model.safetensors");
    }

    @Test
    void aFolderWithAnOnnxModelIsRead() throws IOException {
        Files.createDirectory(folder.resolve("onnx"));
        model(Family.QWEN2).save(folder.resolve("onnx/model.onnx"));
        Model again = Model.load(folder);
        Tensor expected = new DecoderRun(model(Family.QWEN2).session(), Family.QWEN2).step(PROMPT);
        DecoderRun.close("logits", new DecoderRun(again.session(), Family.QWEN2).step(PROMPT), expected, again);
    }

    @Test
    void positionsAfterTheContextAreRefused() {
        Model model = model(Family.LLAMA);
        Map<String, Tensor> inputs = new DecoderRun(model.session(), Family.LLAMA).inputs(1);
        inputs.put("position_ids", Tensor.of(new long[] {512}, 1, 1));
        assertThatThrownBy(() -> model.predict(inputs)).isInstanceOf(TenonException.class);
    }

    @Test
    void damagedDecodersEndInTypedExceptions() {
        mutate(200);
    }

    @Tag("exhaustive")
    @Test
    void manyDamagedDecodersEndInTypedExceptions() {
        mutate(100_000);
    }

    /** Changes bytes before the data, and runs what can still be loaded. */
    private static void mutate(int cases) {
        SplittableRandom random = new SplittableRandom(SEED);
        Family[] families = Family.values();
        byte[][] files = new byte[families.length][];
        for (Family family : families) {
            files[family.ordinal()] = TinyDecoders.gguf(family, DType.FLOAT16).bytes();
        }
        for (int i = 0; i < cases; i++) {
            Family family = families[i % families.length];
            byte[] damaged = files[family.ordinal()].clone();
            int head = damaged.length / 20;
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                int at = random.nextInt(24, head);
                damaged[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) random.nextInt(4);
            }
            try {
                Model model = Model.load(ByteBuffer.wrap(damaged));
                if (i % 16 == 0) {
                    new DecoderRun(model.session(), family).step(1, 2);
                }
            } catch (TenonException typed) {
                assertThat(typed.getMessage()).isNotEmpty();
            } catch (RuntimeException | Error e) {
                throw new AssertionError("case " + i + " of seed " + SEED, e);
            }
        }
    }
}
