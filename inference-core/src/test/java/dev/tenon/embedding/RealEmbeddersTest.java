package dev.tenon.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ModelFiles;
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

/** all-MiniLM-L6-v2 in a folder as sentence-transformers saves it, beside ONNX Runtime and the formulas. */
@Tag("vector")
class RealEmbeddersTest {
    private static final double LEAST_COSINE = 0.999999;
    private static final String NAME = "all-minilm-l6-v2";
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

    private Path files() throws Exception {
        Files.createSymbolicLink(folder.resolve("model.onnx"), ModelFiles.find(NAME + ".onnx"));
        Files.copy(ModelFiles.find(NAME + "-tokenizer.json"), folder.resolve("tokenizer.json"));
        SmallEncoders.modules(folder, "Transformer", "Pooling", "Normalize");
        SmallEncoders.pooling(folder, WIDTH, "mean_tokens");
        SmallEncoders.write(
                folder.resolve("sentence_bert_config.json"),
                "{\"max_seq_length\":" + MAX_TOKENS + ",\"do_lower_case\":false}");
        SmallEncoders.write(
                folder.resolve("tokenizer_config.json"), "{\"pad_token\":\"[PAD]\",\"model_max_length\":512}");
        return folder;
    }

    private List<float[][]> states() throws Exception {
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve("tokenizer.json"),
                TokenizerOptions.standard().maxLength(MAX_TOKENS).padding(Padding.none()));
        List<float[][]> all = new ArrayList<>();
        try (Reference reference = new Reference(folder.resolve("model.onnx"))) {
            for (String text : TEXTS) {
                Encoding row = tokenizer.encode(text.strip());
                assertThat(row.length()).isLessThanOrEqualTo(MAX_TOKENS);
                all.add(reference.states(row));
            }
        }
        assertThat(all.getLast()).hasNumberOfRows(MAX_TOKENS);
        return all;
    }

    @Test
    void allPoolingsAreThoseOfOnnxRuntimeAndTheFormula(TestReporter reporter) throws Exception {
        TextEmbedder embedder = TextEmbedder.load(files());
        assertThat(embedder.poolings()).containsExactly(Pooling.MEAN);
        List<float[][]> states = states();
        Map<String, String> least = new TreeMap<>();
        for (Pooling pooling : Pooling.values()) {
            for (int dimensions : new int[] {WIDTH, 128}) {
                List<float[]> found = embedder.pooling(pooling)
                        .dimensions(dimensions)
                        .embed(TEXTS)
                        .vectors();
                double worst = 1;
                for (int i = 0; i < TEXTS.size(); i++) {
                    double[] whole = Reference.pooled(states.get(i), 0, List.of(pooling));
                    double[] expected = Reference.normalized(Arrays.copyOf(whole, dimensions));
                    double cosine = Reference.cosine(found.get(i), expected);
                    worst = Double.isNaN(cosine) ? Double.NEGATIVE_INFINITY : Math.min(worst, cosine);
                    double squares = 0;
                    for (float x : found.get(i)) {
                        squares += (double) x * x;
                    }
                    assertThat(Math.abs(squares - 1)).isLessThanOrEqualTo(1 - LEAST_COSINE);
                }
                least.put(pooling + " of " + dimensions, String.valueOf(worst));
                assertThat(worst).as("%s of %d numbers", pooling, dimensions).isGreaterThanOrEqualTo(LEAST_COSINE);
            }
        }
        reporter.publishEntry(least);
    }

    /** Kernels of this tier compute a row in the same way whatever rows are beside it. */
    @Test
    void companyDoesNotChangeBitsWithoutPadding() throws Exception {
        TextEmbedder embedder = TextEmbedder.load(files()).padded(false);
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
