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
 * The whole conformance corpus against the committed list of what does not pass, on every tier. {@code -Dtenon.shared}
 * says where the corpus is; under {@code -Dtenon.ci} it must be there.
 */
@Tag("tiers")
class ConformanceTest {
    /** The folders of networks for images. */
    private static final Set<String> LARGE = Set.of("light", "light-seeded");

    private static final Path EXPECTED =
            Path.of(System.getProperty("tenon.root", ".."), "samples/conformance/expected-failures.txt");

    /**
     * The folders of the corpus that this run goes through. Large networks take scalar loops most of the time, so they are
     * left to the vector tier unless all cases are wanted.
     */
    static List<Path> folders(Path corpus, TestReporter reporter) throws IOException {
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
        Path corpus = TestData.shared(reporter, "conformance", "dev");
        if (corpus == null) {
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>();
        folders(corpus, reporter).forEach(folder -> arguments.add(folder.toString()));
        arguments.addAll(
                List.of("--threads", "" + Runtime.getRuntime().availableProcessors(), "--expect", EXPECTED.toString()));
        int exit = new VerifyCommand().run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8));
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
