package dev.tenon.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.TestReporter;

/**
 * How long campaigns last. Short ones are the same in each build. Long ones are set by properties: {@code
 * -Dtenon.fuzz.minutes} is the time of all formats of a module together, {@code -Dtenon.fuzz.files} the number of files of each
 * campaign instead of the time, {@code -Dtenon.fuzz.seed} repeats a run. Without a seed each run has another one, which its report
 * names.
 */
public final class FuzzRuns {
    /** The seed of short campaigns. */
    public static final long SHORT_SEED = 20_261_129;

    /** The seed of long campaigns. */
    public static final long LONG_SEED = Long.getLong("tenon.fuzz.seed", System.nanoTime());

    private static final long MINUTES = Long.getLong("tenon.fuzz.minutes", 10);
    private static final long FILES = Long.getLong("tenon.fuzz.files", 0);

    private FuzzRuns() {}

    /**
     * Runs a short campaign.
     *
     * @param campaign the campaign
     * @param files how many files it judges
     * @param reporter gets the counts
     */
    public static void runShort(Campaign campaign, long files, TestReporter reporter) {
        report(campaign.files(files), reporter);
    }

    /**
     * Runs a long campaign.
     *
     * @param campaign the campaign
     * @param share its share of the time
     * @param reporter gets the counts
     */
    public static void runLong(Campaign campaign, double share, TestReporter reporter) {
        if (FILES > 0) {
            campaign.files(FILES);
        } else {
            campaign.until(System.nanoTime() + (long) (TimeUnit.MINUTES.toNanos(MINUTES) * share));
        }
        System.out.println(campaign.report());
        report(campaign, reporter);
    }

    private static void report(Campaign campaign, TestReporter reporter) {
        reporter.publishEntry("fuzz", campaign.report());
        assertThat(campaign.faults()).as(campaign.report()).isEmpty();
    }
}
