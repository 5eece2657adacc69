package dev.tenon.compression.fuzz;

import dev.tenon.testkit.fuzz.FuzzRuns;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Short campaigns, the same in each build. */
class FuzzTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"RECIPES, 500", "SCORES, 200", "TIMES, 200", "SEARCHES, 50", "ARCHIVES, 1500"})
    void shortCampaign(Campaigns.Kind kind, long files, TestReporter reporter) throws IOException {
        FuzzRuns.runShort(new Campaigns(folder).of(kind, FuzzRuns.SHORT_SEED), files, reporter);
    }
}
