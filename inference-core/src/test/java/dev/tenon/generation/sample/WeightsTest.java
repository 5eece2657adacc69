package dev.tenon.generation.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Weights against {@link StrictMath#exp}. */
class WeightsTest {
    /** As many units in the last place as the standard exponential in double may err, and the rounding of the argument. */
    private static final double ULPS = 4;

    @Test
    void weightsAreExponentials() {
        Weights weights = new Weights();
        weights.set(0, 1);
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 200_000; i++) {
            float x = (float) -(i % 2 == 0 ? random.nextDouble(708) : Math.abs(random.nextGaussian()));
            double expected = StrictMath.exp(x);
            double actual = weights.of(x);
            assertThat(Math.abs(actual - expected) / Math.ulp(expected))
                    .as("exp(%s): %s, not %s", x, actual, expected)
                    .isLessThanOrEqualTo(ULPS);
        }
    }

    @Test
    void theLargestHasOneAndTheSmallestNothing() {
        for (double temperature : new double[] {1, 0.01, 100, 1e-310, Double.MIN_VALUE}) {
            Weights weights = new Weights();
            weights.set(17, temperature);
            assertThat(weights.of(17)).isEqualTo(1);
            assertThat(weights.of(Float.NEGATIVE_INFINITY)).isZero();
            assertThat(weights.of(-Float.MAX_VALUE)).isZero();
        }
        Weights weights = new Weights();
        weights.set(Float.MAX_VALUE, 1);
        assertThat(weights.of(-Float.MAX_VALUE)).isZero();
    }

    @Test
    void aBlockHasTheBitsOfItsWeights() {
        SplittableRandom random = new SplittableRandom(12);
        Weights weights = new Weights();
        Weights single = new Weights();
        for (int count : new int[] {1, 2, 3, 4, 5, 63, Weights.BLOCK}) {
            float[] logits = new float[count + 2];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) random.nextDouble(-30, 3);
            }
            weights.set(3, 0.7);
            single.set(3, 0.7);
            double sum = 0;
            double[] block = weights.of(logits, 1, count).clone();
            for (int i = 0; i < count; i++) {
                assertThat(block[i]).isEqualTo(single.of(logits[1 + i]));
                sum += block[i];
            }
            assertThat(Math.abs(weights.sum(logits, 1, count) - sum)).isLessThanOrEqualTo(count * Math.ulp(sum));
        }
    }
}
