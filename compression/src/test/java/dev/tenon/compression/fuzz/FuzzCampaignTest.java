package dev.tenon.compression.fuzz;

import dev.tenon.testkit.fuzz.FuzzRuns;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Long campaigns, which {@link FuzzRuns} sets. */
@Tag("exhaustive")
class FuzzCampaignTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void campaign(Campaigns.Kind kind, TestReporter reporter) throws IOException {
        double share = 1.0 / Campaigns.Kind.values().length;
        FuzzRuns.runLong(new Campaigns(folder).of(kind, FuzzRuns.LONG_SEED), share, reporter);
    }
}
