package dev.tenon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fuzz.WireMessage.Type;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A long campaign: {@code -Dtenon.fuzz.minutes} for all formats together, half of them for ONNX. {@code
 * -Dtenon.fuzz.seed} repeats one; without it each run has another seed, which the report names. {@code -Dtenon.fuzz.files}
 * sets the number of files of each campaign instead of the time.
 */
@Tag("exhaustive")
class FuzzCampaignTest {
    private static final long MINUTES = Long.getLong("tenon.fuzz.minutes", 10);
    private static final long SEED = Long.getLong("tenon.fuzz.seed", System.nanoTime());
    private static final long FILES = Long.getLong("tenon.fuzz.files", 0);
    private static final int PARTS = 22;

    @TempDir
    private Path folder;

    private static void run(Campaign campaign, int parts, TestReporter reporter) {
        if (FILES > 0) {
            campaign.files(FILES);
        } else {
            campaign.until(System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES) / PARTS * parts);
        }
        System.out.println(campaign.report());
        reporter.publishEntry("fuzz", campaign.report());
        assertThat(campaign.faults()).as(campaign.report()).isEmpty();
    }

    @Test
    void models(TestReporter reporter) throws IOException {
        Path corpus = TestData.shared(reporter, "conformance", "dev");
        if (corpus != null) {
            List<byte[]> seeds = new ArrayList<>(Seeds.corpus(corpus, 1));
            run(
                    new Campaign("models", seeds, new OnnxMutation(Type.MODEL), f -> Oracle.model(f, f.length), SEED),
                    6,
                    reporter);
        }
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
    @CsvSource({"xgboost, false", "xgboost, true", "lightgbm, false", "catboost, false"})
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
}
