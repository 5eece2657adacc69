package dev.tenon.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of counts. */
class RareEventsTest {
    /** The least k with {@code scipy.stats.binom.sf(k - 1, n, p) <= probability}, of SciPy 1.17.1. */
    @ParameterizedTest
    @CsvSource({"1000, 0.01, 1e-6, 29", "1000, 0.05, 1e-9, 97", "50, 0.3, 1e-3, 26", "10, 0.9, 1e-9, 11"})
    void theTailIsThatOfScipy(int observations, double share, double probability, int limit) {
        assertThat(RareEvents.limit(observations, share, probability)).isEqualTo(limit);
    }

    @Test
    void sharesAtTheBorder() {
        assertThat(RareEvents.limit(10, 0, 1e-6)).isOne();
        assertThat(RareEvents.limit(10, 1, 1e-6)).isEqualTo(11);
    }

    @Test
    void asManyAreBeyondTheLargestAsTheSharesAllow() {
        // Half of all observations are in the window: the 20 largest all are with a probability below 2^-20.
        assertThat(RareEvents.beyondLargest(1000, 1000, Math.scalb(1.0, -20))).isEqualTo(20);
        assertThat(RareEvents.beyondLargest(3000, 1000, Math.scalb(1.0, -20))).isEqualTo(10);
    }

    @Test
    void theMassOfUnseenCategoriesGrowsWithThoseSeenOnce() {
        double none = RareEvents.unseenMass(0, 1000, 1e-6);
        double many = RareEvents.unseenMass(200, 1000, 1e-6);
        assertThat(none).isBetween(0.0, 0.05);
        assertThat(many).isBetween(0.2, 0.35);
        assertThat(RareEvents.unseenMass(10, 10, 1e-6)).isEqualTo(1);
    }

    /** Wilson's interval solves {@code |share - p| = deviations * sqrt(p (1 - p) / n)}. */
    @Test
    void theLowerEndOfAShareSolvesItsEquation() {
        for (int events : new int[] {1, 5, 50, 99}) {
            double p = RareEvents.atLeast(events, 100, 3);
            double distance = 3 * Math.sqrt(p * (1 - p) / 100);
            assertThat(events / 100.0 - p).isCloseTo(distance, Offset.offset(1e-12));
        }
        assertThat(RareEvents.atLeast(0, 100, 3)).isZero();
    }
}
