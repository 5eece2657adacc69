package dev.tenon.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Percentiles, against sorted times. */
class LatencyHistogramTest {
    @Test
    void percentilesAreThoseOfSortedTimesWithinABucket() {
        SplittableRandom random = new SplittableRandom(5);
        long[] times = new long[20_000];
        LatencyHistogram histogram = new LatencyHistogram();
        for (int i = 0; i < times.length; i++) {
            times[i] = (long) Math.exp(random.nextDouble() * 25);
            histogram.add(times[i]);
        }
        Arrays.sort(times);
        for (double share : new double[] {0, 0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = times[(int) Math.max(0, Math.ceil(share * times.length) - 1)];
            assertThat(histogram.percentile(share)).isBetween(exact, exact + exact / 32);
        }
        assertThat(histogram.total()).isEqualTo(times.length);
        histogram.age();
        assertThat(histogram.total()).isBetween(times.length / 2 - 1000L, times.length / 2L);
    }

    @Test
    void timesAtTheBorders() {
        LatencyHistogram histogram = new LatencyHistogram();
        assertThat(histogram.percentile(0.99)).isZero();
        histogram.add(-1);
        assertThat(histogram.percentile(1)).isZero();
        histogram.add(Long.MAX_VALUE);
        assertThat(histogram.percentile(1)).isEqualTo(Long.MAX_VALUE);
        histogram.add(31);
        assertThat(histogram.atRank(2)).isEqualTo(31);
    }
}
