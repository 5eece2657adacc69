package dev.tenon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fuzz.WireMessage.Type;
import dev.tenon.testkit.TestData;
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
    private static final long SEED = 20_261_129;

    @TempDir
    private Path folder;

    private static void check(Campaign campaign, TestReporter reporter) {
        reporter.publishEntry("fuzz", campaign.report());
        assertThat(campaign.faults()).as(campaign.report()).isEmpty();
    }

    @Test
    void models(TestReporter reporter) throws IOException {
        List<byte[]> seeds = new ArrayList<>(Seeds.operators(10));
        Path corpus = TestData.shared(reporter, "conformance", "dev");
        if (corpus != null) {
            seeds.addAll(Seeds.corpus(corpus, 20));
        }
        check(
                new Campaign("models", seeds, new OnnxMutation(Type.MODEL), f -> Oracle.model(f, f.length), SEED)
                        .files(5_000),
                reporter);
    }

    @Test
    void packages(TestReporter reporter) throws IOException {
        List<byte[]> seeds = Seeds.packages(Seeds.operators(100), folder);
        check(
                new Campaign("packages", seeds, new PackageMutation(), f -> Oracle.model(f, f.length), SEED).files(800),
                reporter);
    }

    /** Models of one operator, made anew. */
    @Test
    void operators(TestReporter reporter) {
        check(
                new Campaign(
                                "generated",
                                Seeds.operators(1),
                                new OperatorGenerator(),
                                f -> Oracle.model(f, f.length),
                                SEED)
                        .files(1_200),
                reporter);
    }

    @ParameterizedTest
    @CsvSource({"xgboost, false", "xgboost, true", "lightgbm, false", "catboost, false"})
    void trees(String tool, boolean binary, TestReporter reporter) throws IOException {
        check(
                new Campaign(
                                binary ? tool + "-ubjson" : tool,
                                Seeds.trees(tool),
                                new TreeMutation(binary),
                                f -> Oracle.model(f, f.length),
                                SEED)
                        .files(400),
                reporter);
    }

    @Test
    void tensors(TestReporter reporter) throws IOException {
        check(
                new Campaign("tensors", Seeds.tensors(), new OnnxMutation(Type.TENSOR), Oracle::tensor, SEED)
                        .files(4_000),
                reporter);
    }

    @Test
    void arrays(TestReporter reporter) throws IOException {
        check(new Campaign("arrays", Seeds.arrays(), new NpyMutation(), Oracle::npy, SEED).files(4_000), reporter);
    }
}
