package dev.tenon.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Runs the conformance corpus on each tier. The tests that do not pass must be those of the committed list of expected
 * failures. {@link TestData#corpus} finds the corpus; with {@code -Dtenon.ci} it must be present.
 */
@Tag("tiers")
class ConformanceTest {
    /** The folders of image networks. */
    private static final Set<String> LARGE = Set.of("light", "light-seeded");

    /** Tells which version of ONNX a corpus is of that holds nothing but its tests. */
    private static final String VERSION = "onnx-version";

    /** The list of the tests of a corpus that do not pass. */
    static Path expected(Path corpus) throws IOException {
        Path version = corpus.resolve(VERSION);
        String suffix =
                Files.exists(version) ? "-onnx-" + Files.readString(version).strip() : "";
        return Path.of(System.getProperty("tenon.root", "../.."), "samples/cli/conformance")
                .resolve("expected-failures" + suffix + ".txt");
    }

    /**
     * The folders of the corpus that are tested: those that {@code -Dtenon.test.corpus} names, with commas between them,
     * if the corpus has them, else all. Scalar loops would take most of the time for large networks, so these are tested
     * only on the vector tier, unless the exhaustive tests run.
     */
    static List<Path> folders(Path corpus, TestReporter reporter) throws IOException {
        String chosen = System.getProperty("tenon.test.corpus", "");
        if (!chosen.isEmpty()) {
            reporter.publishEntry("left out", "all folders but " + chosen);
            return Stream.of(chosen.split(",", -1))
                    .map(corpus::resolve)
                    .filter(Files::isDirectory)
                    .toList();
        }
        try (Stream<Path> all = Files.list(corpus)) {
            List<Path> folders = all.filter(Files::isDirectory).sorted().toList();
            if (Exhaustive.isFastTier()) {
                return folders;
            }
            reporter.publishEntry("left out", LARGE + ": they run on the vector tier, and here under -Pexhaustive");
            return folders.stream()
                    .filter(folder -> !LARGE.contains(folder.getFileName().toString()))
                    .toList();
        }
    }

    @Test
    void everyTestOfTheCorpusEndsAsExpected(TestReporter reporter) throws IOException {
        Path corpus = TestData.corpus();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>();
        folders(corpus, reporter).forEach(folder -> arguments.add(folder.toString()));
        Path expected = expected(corpus);
        arguments.addAll(
                List.of("--threads", "" + Runtime.getRuntime().availableProcessors(), "--expect", expected.toString()));
        int exit = new VerifyCommand().run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        reporter.publishEntry("corpus", lines.getLast());
        assertThat(exit)
                .as(() -> "the corpus against " + expected + ":\n"
                        + String.join(
                                "\n",
                                lines.stream()
                                        .filter(line -> !line.startsWith("PASS"))
                                        .toList()))
                .isZero();
    }
}
