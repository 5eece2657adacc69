package dev.tenon.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The whole conformance corpus against the committed list of what does not pass, on every tier. {@code -Dtenon.shared}
 * says where the corpus is; under {@code -Dtenon.ci} it must be there.
 */
@Tag("tiers")
class ConformanceTest {
    private static final Path EXPECTED =
            Path.of(System.getProperty("tenon.root", ".."), "samples/conformance/expected-failures.txt");

    @Test
    void everyTestOfTheCorpusEndsAsExpected(TestReporter reporter) throws IOException {
        Path corpus = TestData.shared(reporter, "conformance", "dev");
        if (corpus == null) {
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = new VerifyCommand()
                .run(
                        List.of(
                                corpus.toString(),
                                "--threads",
                                "" + Runtime.getRuntime().availableProcessors(),
                                "--expect",
                                EXPECTED.toString()),
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        reporter.publishEntry("corpus", lines.getLast());
        assertThat(exit)
                .as(() -> "the corpus against " + EXPECTED + ":\n"
                        + String.join(
                                "\n",
                                lines.stream()
                                        .filter(line -> !line.startsWith("PASS"))
                                        .toList()))
                .isZero();
    }
}
