package dev.tenon.fuzz;

import dev.tenon.fuzz.WireMessage.Type;
import dev.tenon.testkit.TestData;
import dev.tenon.testkit.fuzz.Campaign;
import dev.tenon.testkit.fuzz.FuzzRuns;
import dev.tenon.testkit.fuzz.JsonMutation;
import dev.tenon.testkit.fuzz.NpyMutation;
import dev.tenon.testkit.fuzz.TextMutation;
import dev.tenon.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Short campaigns, the same in each build. */
class FuzzTest {
    private static final long SEED = FuzzRuns.SHORT_SEED;

    @TempDir
    private Path folder;

    @Test
    void models(TestReporter reporter) throws IOException {
        List<byte[]> seeds = new ArrayList<>(Seeds.operators(10));
        Path corpus = TestData.corpusIfThere(reporter);
        if (corpus != null) {
            seeds.addAll(Seeds.corpus(corpus, 20));
        }
        FuzzRuns.runShort(
                new Campaign("models", seeds, new OnnxMutation(Type.MODEL), f -> Oracle.model(f, f.length), SEED),
                5_000,
                reporter);
    }

    @Test
    void packages(TestReporter reporter) throws IOException {
        List<byte[]> seeds = Seeds.packages(Seeds.operators(100), folder);
        FuzzRuns.runShort(
                new Campaign("packages", seeds, new PackageMutation(), f -> Oracle.model(f, f.length), SEED),
                800,
                reporter);
    }

    /** Models of one operator, made anew. */
    @Test
    void operators(TestReporter reporter) {
        FuzzRuns.runShort(
                new Campaign(
                        "generated", Seeds.operators(1), new OperatorGenerator(), f -> Oracle.model(f, f.length), SEED),
                1_200,
                reporter);
    }

    @ParameterizedTest
    @CsvSource({"xgboost, false", "xgboost, true", "lightgbm, false", "catboost, false", "cbm, false"})
    void trees(String tool, boolean binary, TestReporter reporter) throws IOException {
        FuzzRuns.runShort(
                new Campaign(
                        binary ? tool + "-ubjson" : tool,
                        Seeds.trees(tool),
                        new TreeMutation(binary),
                        f -> Oracle.model(f, f.length),
                        SEED),
                400,
                reporter);
    }

    @Test
    void tensors(TestReporter reporter) throws IOException {
        FuzzRuns.runShort(
                new Campaign("tensors", Seeds.tensors(), new OnnxMutation(Type.TENSOR), Oracle::tensor, SEED),
                4_000,
                reporter);
    }

    @Test
    void arrays(TestReporter reporter) throws IOException {
        FuzzRuns.runShort(
                new Campaign("arrays", Seeds.arrays(), new NpyMutation(), Oracle::npy, SEED), 4_000, reporter);
    }

    @Test
    void tokenizers(TestReporter reporter) throws IOException {
        FuzzRuns.runShort(
                new Campaign("tokenizers", Seeds.tokenizers(), new JsonMutation(), TextOracle::file, SEED),
                1_200,
                reporter);
    }

    @Test
    void texts(TestReporter reporter) throws IOException {
        List<Tokenizer> tokenizers = TextOracle.tokenizers(Seeds.tokenizers());
        FuzzRuns.runShort(
                new Campaign("texts", Seeds.texts(), new TextMutation(), f -> TextOracle.text(tokenizers, f), SEED),
                300,
                reporter);
    }

    @Test
    void images(TestReporter reporter) throws IOException {
        FuzzRuns.runShort(
                new Campaign("images", Seeds.images(), new ImageMutation(), ImageOracle::image, SEED), 2_000, reporter);
    }
}
