package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.TestReporter;

/**
 * Things that tests need and that the repository does not hold: data, tools, instructions of processors. A test whose thing
 * is absent is aborted: it counts as skipped, with the reason and the cure, and {@code ./mvnw} lists them at its end. It
 * fails if a system property says that the thing must be there, so that no skip looks like a success.
 */
public final class TestData {
    private static final String CI = "tenon.ci";
    private static final String NO_CORPUS =
            "no conformance corpus: run benchmarks/fetch-corpus, or set -Dtenon.shared to a folder that has conformance/dev";

    private TestData() {}

    /**
     * A folder below the one that {@code -Dtenon.shared} names. {@code -Dtenon.ci} demands it.
     *
     * @param first the first name of its path
     * @param more the other names
     * @return the folder; the test is aborted if it is absent
     */
    public static Path shared(String first, String... more) {
        Path folder = folder(first, more);
        needs(folder != null, absence(first, more), CI);
        return folder;
    }

    /**
     * The conformance corpus, with a folder for each category of tests. It is {@code conformance/dev} of the folder that
     * {@code -Dtenon.shared} names. Without this property it is ONNX's own tests, which {@code benchmarks/fetch-corpus}
     * fetches. {@code -Dtenon.ci} demands one of them.
     *
     * @return the folder; the test is aborted if it is absent
     */
    public static Path corpus() {
        Path corpus = corpusFolder();
        needs(corpus != null, NO_CORPUS, CI);
        return corpus;
    }

    /**
     * A folder as in {@link #corpus}, for a test that has something to do without it.
     *
     * @param reporter is told if it is absent
     * @return the folder, or null if it is absent
     */
    public static Path corpusIfThere(TestReporter reporter) {
        Path corpus = corpusFolder();
        return isThere(corpus != null, reporter, NO_CORPUS, CI) ? corpus : null;
    }

    private static Path corpusFolder() {
        if (!System.getProperty("tenon.shared", "").isEmpty()) {
            return folder("conformance", "dev");
        }
        Path fetched = Path.of(System.getProperty("tenon.root", "."), "target", "corpus");
        return Files.isDirectory(fetched) ? fetched : null;
    }

    private static Path folder(String first, String... more) {
        String shared = System.getProperty("tenon.shared", "");
        Path folder = Path.of(shared, first).resolve(Path.of("", more));
        return !shared.isEmpty() && Files.isDirectory(folder) ? folder : null;
    }

    private static String absence(String first, String... more) {
        return "no folder " + Path.of(first, more) + ": set -Dtenon.shared to a folder that has it";
    }

    /**
     * Aborts a test unless a model that {@code benchmarks/fetch-models} fetches is there. {@code -Dtenon.models.fetched}
     * demands it.
     *
     * @param model its file
     */
    public static void fetched(Path model) {
        needs(
                Files.isRegularFile(model),
                "no model " + model.getFileName() + ": run benchmarks/fetch-models",
                "tenon.models.fetched");
    }

    /**
     * Aborts a test unless something is there.
     *
     * @param there whether it is
     * @param absence the thing that is absent, and the cure
     * @param property the property that demands it
     */
    public static void needs(boolean there, String absence, String property) {
        if (!there) {
            demand(absence, property);
            Assumptions.abort(absence);
        }
    }

    /**
     * Reports that a part of a test does not run. A test of which no part runs calls {@link #needs} instead.
     *
     * @param there whether the thing that it needs is there
     * @param reporter is told if it is not
     * @param absence the thing that is absent, and the cure
     * @param property the property that demands it
     * @return whether it is there
     */
    public static boolean isThere(boolean there, TestReporter reporter, String absence, String property) {
        if (!there) {
            reporter.publishEntry("not run", absence);
            demand(absence, property);
        }
        return there;
    }

    private static void demand(String absence, String property) {
        assertThat(Boolean.getBoolean(property))
                .as("-D%s, but %s", property, absence)
                .isFalse();
    }
}
