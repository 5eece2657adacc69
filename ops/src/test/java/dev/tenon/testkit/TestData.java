package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.TestReporter;

/**
 * Data that tests use and that the repository does not hold. If it is absent, a test reports that it did not run. It fails
 * if a system property says that the data must be there, so that no skip looks like a success.
 */
public final class TestData {
    private TestData() {}

    /**
     * A folder below the one that {@code -Dtenon.shared} names. {@code -Dtenon.ci} demands it.
     *
     * @param reporter is told if it is absent
     * @param first the first name of its path
     * @param more the other names
     * @return the folder, or null if it is absent
     */
    public static Path shared(TestReporter reporter, String first, String... more) {
        String shared = System.getProperty("tenon.shared", "");
        Path below = Path.of(first, more);
        Path folder = Path.of(shared).resolve(below);
        boolean there = !shared.isEmpty() && Files.isDirectory(folder);
        return isThere(there, reporter, "no folder " + below + ": set -Dtenon.shared", "tenon.ci") ? folder : null;
    }

    /**
     * Whether a model that {@code benchmarks/fetch-models} fetches is there. {@code -Dtenon.models.fetched} demands it.
     *
     * @param model its file
     * @param reporter is told if it is absent
     * @return whether it is
     */
    public static boolean isFetched(Path model, TestReporter reporter) {
        return isThere(
                Files.isRegularFile(model),
                reporter,
                model + " is not there: run benchmarks/fetch-models, set -Dtenon.shared",
                "tenon.models.fetched");
    }

    /**
     * Reports that a test does not run, unless the data that it needs is there.
     *
     * @param there whether it is
     * @param reporter is told if it is not
     * @param absence the thing that is absent, and the cure
     * @param property the property that demands it
     * @return whether it is there
     */
    public static boolean isThere(boolean there, TestReporter reporter, String absence, String property) {
        if (!there) {
            reporter.publishEntry("not run", absence);
            assertThat(Boolean.getBoolean(property))
                    .as("-D%s, but %s", property, absence)
                    .isFalse();
        }
        return there;
    }
}
