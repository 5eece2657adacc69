package dev.tenon.generation.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.generation.Sampling;
import java.util.Arrays;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * How often tokens come, against their probabilities, by the chi-square test. All seeds are fixed: a failure is a change, never chance.
 * The bounds are the quantiles of 0.999.
 */
class SamplerStatisticsTest {
    private static final float[] LOGITS = {1, 0, 2.5f, -1, 0.5f, 2, -3, 1.5f, 0, 2.25f, -0.5f, 1};
    private static final int[] NONE = {};
    private static final int DRAWS = 40_000;
    private static final double QUANTILE_11 = 31.26;
    private static final double QUANTILE_63 = 103.44;

    private static double chiSquare(long[] counts, double[] probabilities) {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = all * probabilities[i];
            sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return sum;
    }

    private static double[] probabilities(double temperature) {
        double[] p = new double[LOGITS.length];
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            p[i] = StrictMath.exp(LOGITS[i] / temperature);
            sum += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
        }
        return p;
    }

    @Test
    void tokensComeAsOftenAsTheirProbabilitiesSay() {
        for (double temperature : new double[] {0.5, 1, 1.7}) {
            long[] byPosition = new long[LOGITS.length];
            long[] bySeed = new long[LOGITS.length];
            Sampler sampler = new Sampler(Sampling.temperature(temperature), 99, LOGITS.length);
            for (int i = 0; i < DRAWS; i++) {
                byPosition[sampler.choose(LOGITS, 0, NONE, 0, 0, i).token()]++;
                bySeed[
                        new Sampler(Sampling.temperature(temperature), i, LOGITS.length)
                                .choose(LOGITS, 0, NONE, 0, 0, 5)
                                .token()]++;
            }
            double[] p = probabilities(temperature);
            assertThat(chiSquare(byPosition, p)).isLessThan(QUANTILE_11);
            assertThat(chiSquare(bySeed, p)).isLessThan(QUANTILE_11);
        }
    }

    @Test
    void tokensThatAreLeftKeepTheirRatios() {
        long[] counts = new long[LOGITS.length];
        Sampler sampler = new Sampler(Sampling.temperature(1).topK(4), 3, LOGITS.length);
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(LOGITS, 0, NONE, 0, 0, i).token()]++;
        }
        double[] p = probabilities(1);
        double sum = p[2] + p[5] + p[7] + p[9];
        // Three degrees of freedom.
        assertThat(chiSquare(
                        new long[] {counts[2], counts[5], counts[7], counts[9]},
                        new double[] {p[2] / sum, p[5] / sum, p[7] / sum, p[9] / sum}))
                .isLessThan(16.27);
        assertThat(counts[2] + counts[5] + counts[7] + counts[9]).isEqualTo(DRAWS);
    }

    /** Neighbours, in positions and in seeds, in 8 times 8 fields. */
    @Test
    void numbersOfNeighboursAreIndependent() {
        double[] even = new double[64];
        Arrays.fill(even, 1.0 / 64);
        for (LongToDoubleFunction next : new LongToDoubleFunction[] {
            i -> PositionRandom.uniform(42, i), i -> PositionRandom.uniform(i, 42), i -> PositionRandom.uniform(i, i)
        }) {
            long[] pairs = new long[64];
            for (long i = 0; i < 2 * DRAWS; i += 2) {
                int first = (int) (next.applyAsDouble(i) * 8);
                int second = (int) (next.applyAsDouble(i + 1) * 8);
                pairs[first * 8 + second]++;
            }
            assertThat(chiSquare(pairs, even)).isLessThan(QUANTILE_63);
        }
    }

    /** SplitMix64 of the mixed seed, computed by other means. */
    @Test
    void numbersNeverChange() {
        assertThat(PositionRandom.uniform(42, 0)).isEqualTo(0x1.31367e26140c7p-1);
        assertThat(PositionRandom.uniform(42, 1)).isEqualTo(0x1.486da5f92b86cp-3);
        assertThat(PositionRandom.uniform(0, 0)).isEqualTo(0x1.c4415072f63b9p-1);
        assertThat(PositionRandom.uniform(-1, Integer.MAX_VALUE)).isEqualTo(0x1.da70c2cb6cf5ep-2);
    }
}
