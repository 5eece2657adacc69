package dev.tenon.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The population stability index, and the limit that chance keeps. */
class PopulationStabilityTest {
    @Test
    void theIndexIsTheSumOfItsFormula() {
        double index = PopulationStability.index(new long[] {50, 30, 20}, new long[] {20, 30, 50});
        assertThat(index).isCloseTo(2 * 0.3 * Math.log(2.5), Offset.offset(1e-12));
        assertThat(PopulationStability.index(new long[] {1, 2}, new long[] {100, 200}))
                .isZero();
        assertThat(PopulationStability.index(new long[] {10, 0}, new long[] {0, 10}))
                .isFinite();
    }

    @Test
    void tablesOfOneDistributionStayBelowTheLimit() {
        SplittableRandom random = new SplittableRandom(12);
        double limit = PopulationStability.limit(2000, 500, 10, 1e-4);
        int above = 0;
        for (int i = 0; i < 2000; i++) {
            above += PopulationStability.index(table(random, 2000), table(random, 500)) > limit ? 1 : 0;
        }
        assertThat(above).isLessThanOrEqualTo(2);
        assertThat(limit).isLessThan(0.2);
    }

    private static long[] table(SplittableRandom random, int observations) {
        long[] counts = new long[10];
        for (int i = 0; i < observations; i++) {
            counts[random.nextInt(10)]++;
        }
        return counts;
    }
}
