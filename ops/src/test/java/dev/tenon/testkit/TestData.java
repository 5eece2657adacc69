package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.TestReporter;

/**
 * Data of tests that is not in the repository. A test without its data reports that it did not run. If a property demands
 * the data, it fails: then no skipped test looks like a success.
 */
public final class TestData {
    private TestData() {}

    /**
     * A folder below the one that {@code -Dtenon.shared} names; {@code -Dtenon.ci} demands it.
     *
     * @param reporter the reporter of the test
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
     * Whether a model that {@code benchmarks/fetch-models} fetches is present; {@code -Dtenon.models.fetched} demands it.
     *
     * @param model its file
     * @param reporter the reporter of the test
     * @return whether the file exists
     */
    public static boolean isFetched(Path model, TestReporter reporter) {
        return isThere(
                Files.isRegularFile(model),
                reporter,
                model + " is not there: run benchmarks/fetch-models, set -Dtenon.shared",
                "tenon.models.fetched");
    }

    /**
     * Reports that a test does not run if its data is missing.
     *
     * @param there whether the data is present
     * @param reporter the reporter of the test
     * @param absence the missing data, and the way to get it
     * @param property the property that demands the data
     * @return whether the data is present
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
