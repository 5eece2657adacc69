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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Long campaigns, which {@link FuzzRuns} sets: half of the time of all formats together is for ONNX. */
@Tag("exhaustive")
class FuzzCampaignTest {
    private static final long SEED = FuzzRuns.LONG_SEED;
    private static final int PARTS = 25;

    @TempDir
    private Path folder;

    private static void run(Campaign campaign, int parts, TestReporter reporter) {
        FuzzRuns.runLong(campaign, (double) parts / PARTS, reporter);
    }

    @Test
    void models(TestReporter reporter) throws IOException {
        Path corpus = TestData.corpus();
        List<byte[]> seeds = new ArrayList<>(Seeds.corpus(corpus, 1));
        run(
                new Campaign("models", seeds, new OnnxMutation(Type.MODEL), f -> Oracle.model(f, f.length), SEED),
                6,
                reporter);
    }

    @Test
    void operators(TestReporter reporter) {
        List<byte[]> seeds = Seeds.operators(1);
        run(
                new Campaign("operators", seeds, new OnnxMutation(Type.MODEL), f -> Oracle.model(f, f.length), SEED),
                2,
                reporter);
    }

    /** Models of one operator, made anew. */
    @Test
    void generated(TestReporter reporter) {
        List<byte[]> seeds = Seeds.operators(1);
        run(
                new Campaign("generated", seeds, new OperatorGenerator(), f -> Oracle.model(f, f.length), SEED),
                4,
                reporter);
    }

    /** Each format of trees, with as many files. */
    @ParameterizedTest
    @CsvSource({"xgboost, false", "xgboost, true", "lightgbm, false", "catboost, false", "cbm, false"})
    void trees(String tool, boolean binary, TestReporter reporter) throws IOException {
        run(
                new Campaign(
                        binary ? tool + "-ubjson" : tool,
                        Seeds.trees(tool),
                        new TreeMutation(binary),
                        f -> Oracle.model(f, f.length),
                        SEED),
                1,
                reporter);
    }

    @Test
    void packages(TestReporter reporter) throws IOException {
        List<byte[]> seeds = Seeds.packages(Seeds.operators(20), folder);
        run(new Campaign("packages", seeds, new PackageMutation(), f -> Oracle.model(f, f.length), SEED), 4, reporter);
    }

    @Test
    void tensors(TestReporter reporter) throws IOException {
        run(new Campaign("tensors", Seeds.tensors(), new OnnxMutation(Type.TENSOR), Oracle::tensor, SEED), 1, reporter);
    }

    @Test
    void arrays(TestReporter reporter) throws IOException {
        run(new Campaign("arrays", Seeds.arrays(), new NpyMutation(), Oracle::npy, SEED), 1, reporter);
    }

    @Test
    void tokenizers(TestReporter reporter) throws IOException {
        run(new Campaign("tokenizers", Seeds.tokenizers(), new JsonMutation(), TextOracle::file, SEED), 1, reporter);
    }

    @Test
    void texts(TestReporter reporter) throws IOException {
        List<Tokenizer> tokenizers = TextOracle.tokenizers(Seeds.tokenizers());
        run(
                new Campaign("texts", Seeds.texts(), new TextMutation(), f -> TextOracle.text(tokenizers, f), SEED),
                1,
                reporter);
    }

    @Test
    void images(TestReporter reporter) throws IOException {
        run(new Campaign("images", Seeds.images(), new ImageMutation(), ImageOracle::image, SEED), 1, reporter);
    }
}
