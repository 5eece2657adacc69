package dev.tenon.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ModelFiles;
import dev.tenon.testkit.TestData;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real encoders in folders as sentence-transformers saves them, beside ONNX Runtime and the formulas. */
@Tag("vector")
class RealEmbeddersTest {
    private static final double LEAST_COSINE = 0.999999;
    private static final String MINI_LM = "all-minilm-l6-v2";
    private static final int WIDTH = 384;
    private static final int MAX_TOKENS = 128;

    /** Texts of many lengths; the last is cut. */
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "A cat is sleeping on the warm windowsill.",
            "Interest rates rose by half a percentage point.",
            "Grüße aus Köln — ça va? Ωmega, Привет, 你好, こんにちは, 안녕하세요 \uD83D\uDE00",
            "[CLS] is a special token, supercalifragilisticexpialidocious is a long word, 3.14159 a number",
            "the clock of the town hall has stood still since the flood ".repeat(4),
            "wheels turn, springs hold, oil is fresh, and nobody knows why ".repeat(7),
            "river ".repeat(300));

    @TempDir
    private Path folder;

    private Path files(String name, String pooling) throws Exception {
        // Without a copy of the model.
        Files.createSymbolicLink(folder.resolve("model.onnx"), ModelFiles.find(name + ".onnx"));
        Files.copy(ModelFiles.find(name + "-tokenizer.json"), folder.resolve("tokenizer.json"));
        SmallEncoders.modules(folder, "Transformer", "Pooling", "Normalize");
        SmallEncoders.pooling(folder, WIDTH, pooling);
        SmallEncoders.write(
                folder.resolve("config_sentence_transformers.json"),
                "{\"prompts\":{\"query\":\"query: \"},\"default_prompt_name\":null}");
        SmallEncoders.write(
                folder.resolve("sentence_bert_config.json"),
                "{\"max_seq_length\":" + MAX_TOKENS + ",\"do_lower_case\":false}");
        SmallEncoders.write(
                folder.resolve("tokenizer_config.json"), "{\"pad_token\":\"[PAD]\",\"model_max_length\":512}");
        return folder;
    }

    private List<float[][]> states(String prompt) throws Exception {
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve("tokenizer.json"),
                TokenizerOptions.standard().maxLength(MAX_TOKENS).padding(Padding.none()));
        List<float[][]> all = new ArrayList<>();
        try (Reference reference = new Reference(folder.resolve("model.onnx"))) {
            for (String text : TEXTS) {
                Encoding row = tokenizer.encode((prompt + text).strip());
                assertThat(row.length()).isLessThanOrEqualTo(MAX_TOKENS);
                all.add(reference.states(row));
            }
        }
        assertThat(all.getLast()).hasNumberOfRows(MAX_TOKENS);
        return all;
    }

    /** Models of other packages are fetched by {@code benchmarks/fetch-models}. */
    @ParameterizedTest
    @CsvSource({
        "all-minilm-l6-v2, mean_tokens, MEAN, ''",
        "bge-small-en-v1.5, cls_token, CLS, ''",
        "e5-small-v2, mean_tokens, MEAN, 'query: '"
    })
    void vectorsAreThoseOfOnnxRuntimeAndTheFormula(
            String name, String mode, Pooling own, String prompt, TestReporter reporter) throws Exception {
        if (!name.equals(MINI_LM)) {
            TestData.fetched(Path.of(System.getProperty("tenon.models", "target/models"), name + ".onnx"));
        }
        TextEmbedder loaded = TextEmbedder.load(files(name, mode));
        assertThat(loaded.poolings()).containsExactly(own);
        assertThat(loaded.maxLength()).hasValue(MAX_TOKENS);
        TextEmbedder embedder = prompt.isEmpty() ? loaded : loaded.prompt("query");
        List<float[][]> states = states(prompt);
        Map<String, String> least = new TreeMap<>();
        double worst = worst(states, own, embedder.embed(TEXTS).vectors());
        least.put(name + " as it is", String.valueOf(worst));
        assertThat(worst).as("%s as it is", name).isGreaterThanOrEqualTo(LEAST_COSINE);
        for (Pooling pooling : Pooling.values()) {
            TextEmbedder cut = embedder.pooling(pooling).dimensions(pooling == own ? WIDTH / 3 : WIDTH);
            worst = worst(states, pooling, cut.embed(TEXTS).vectors());
            least.put(name + " " + pooling + " of " + cut.dimensions().orElseThrow(), String.valueOf(worst));
            assertThat(worst).as("%s by %s", name, pooling).isGreaterThanOrEqualTo(LEAST_COSINE);
        }
        reporter.publishEntry(least);
    }

    /** The least cosine with the formula. All vectors must have length 1. */
    private static double worst(List<float[][]> states, Pooling pooling, List<float[]> found) {
        double worst = 1;
        for (int i = 0; i < TEXTS.size(); i++) {
            double[] whole = Reference.pooled(states.get(i), 0, List.of(pooling));
            double[] expected = Reference.normalized(Arrays.copyOf(whole, found.get(i).length));
            double cosine = Reference.cosine(found.get(i), expected);
            worst = Double.isNaN(cosine) ? Double.NEGATIVE_INFINITY : Math.min(worst, cosine);
            double squares = 0;
            for (float x : found.get(i)) {
                squares += (double) x * x;
            }
            assertThat(Math.abs(squares - 1)).as("text %d", i).isLessThanOrEqualTo(1 - LEAST_COSINE);
        }
        return worst;
    }

    /** Kernels of this tier compute a row in the same way whatever rows are beside it. */
    @Test
    void companyDoesNotChangeBitsWithoutPadding() throws Exception {
        TextEmbedder embedder = TextEmbedder.load(files(MINI_LM, "mean_tokens")).padded(false);
        List<String> texts = new ArrayList<>(TEXTS);
        for (String word : List.of("river", "bridge", "clock", "lamp", "market")) {
            texts.add("The " + word + " of the town is old.");
            texts.add("Nobody in the small town knows why the " + word + " has been closed since the flood.");
        }
        List<float[]> together = embedder.embed(texts).vectors();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(embedder.embed(texts.get(i))).as("'%s'", texts.get(i)).isEqualTo(together.get(i));
        }
    }
}
