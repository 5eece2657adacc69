package dev.tenon.compression.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.error.InvalidOptionException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConfidenceTest {
    private static final Confidence STANDARD = Confidence.standard();
    private static final int EVALUATIONS = 1000;
    private static final double LEAST_COVERAGE = 0.935;
    private static final double MOST_WIDTH = 1.2;

    /** Evaluations of a known loss: how often an interval holds it, and how wide it is beside McNemar's. */
    private record Simulated(double coverage, double width, double coverageOfMcNemar, double widthOfMcNemar) {
        static Simulated of(int samples, double disagreements, double lost, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            double loss = disagreements * (2 * lost - 1);
            double[] sums = new double[4];
            for (int i = 0; i < EVALUATIONS; i++) {
                int b = 0;
                int c = 0;
                for (int j = 0; j < samples; j++) {
                    double x = random.nextDouble();
                    b += x < disagreements * lost ? 1 : 0;
                    c += x >= disagreements * lost && x < disagreements ? 1 : 0;
                }
                Interval found = STANDARD.ofPairs(b, c, samples);
                double[] share = b + c == 0 ? new double[] {0.5, 0.5} : STANDARD.midP(b, b + c);
                double scale = (b + c) / (double) samples;
                sums[0] += found.low() <= loss && loss <= found.high() ? 1 : 0;
                sums[1] += found.high() - found.low();
                sums[2] += (2 * share[0] - 1) * scale <= loss && loss <= (2 * share[1] - 1) * scale ? 1 : 0;
                sums[3] += 2 * (share[1] - share[0]) * scale;
            }
            double[] means = Arrays.stream(sums).map(x -> x / EVALUATIONS).toArray();
            return new Simulated(means[0], means[1], means[2], means[3]);
        }
    }

    /**
     * McNemar's interval takes the number of disagreements as given. Where they are so few, or so often of one sign, that it does
     * not hold the loss as often as it says, its width is no measure.
     */
    @Test
    void intervalsHoldAKnownLossAndAreHardlyWiderThanMcNemars() {
        StringBuilder told = new StringBuilder();
        int measured = 0;
        for (int samples : new int[] {500, 2000, 5000}) {
            for (double disagreements : new double[] {0.01, 0.1}) {
                for (double lost : new double[] {0.5, 0.6, 0.95}) {
                    Simulated s = Simulated.of(samples, disagreements, lost, samples + (long) (1000 * lost));
                    told.append(samples + " samples, " + disagreements + ", " + lost + ": " + s + "\n");
                    assertThat(s.coverage()).as(told.toString()).isGreaterThanOrEqualTo(LEAST_COVERAGE);
                    if (s.coverageOfMcNemar() >= LEAST_COVERAGE && samples * disagreements >= 20) {
                        assertThat(s.width() / s.widthOfMcNemar())
                                .as(told.toString())
                                .isLessThanOrEqualTo(MOST_WIDTH);
                        measured++;
                    }
                }
            }
        }
        assertThat(measured).as(told.toString()).isGreaterThanOrEqualTo(8);
    }

    /** The limits by SciPy's binomial distribution. */
    @Test
    void limitsAreThoseOfTheDefinition() {
        assertThat(STANDARD.midP(0, 500)[0]).isZero();
        assertThat(STANDARD.midP(0, 500)[1]).isCloseTo(1 - Math.pow(0.05, 1 / 500.0), within(1e-12));
        assertThat(STANDARD.midP(7, 7)[1]).isEqualTo(1);
        assertThat(STANDARD.midP(7, 7)[0]).isCloseTo(Math.pow(0.05, 1 / 7.0), within(1e-12));
        for (long[] c : new long[][] {{3, 10}, {1, 4}, {40, 60}}) {
            double[] limits = STANDARD.midP(c[0], c[1]);
            assertThat(midBelow(c[0], c[1], limits[0])).isCloseTo(0.975, within(1e-9));
            assertThat(midBelow(c[0], c[1], limits[1])).isCloseTo(0.025, within(1e-9));
        }
    }

    private static double midBelow(long count, long n, double p) {
        double sum = 0;
        double ways = 1;
        for (long i = 0; i <= count; i++) {
            double term = ways * Math.pow(p, i) * Math.pow(1 - p, n - i);
            sum += i == count ? term / 2 : term;
            ways = ways * (n - i) / (i + 1);
        }
        return sum;
    }

    @Test
    void intervalsOfSharesAreSymmetricInBothModels() {
        Interval lost = STANDARD.ofPairs(5, 2, 1000);
        Interval won = STANDARD.ofPairs(2, 5, 1000);
        assertThat(lost.low()).isCloseTo(-won.high(), within(1e-12));
        assertThat(lost.high()).isCloseTo(-won.low(), within(1e-12));
        assertThat(STANDARD.ofPairs(0, 0, 0).margin()).isNaN();
        Interval none = STANDARD.ofPairs(0, 0, 500);
        assertThat(none.high()).isCloseTo(1 - Math.pow(0.05, 1 / 500.0), within(1e-12));
        assertThat(none.isDifference()).isFalse();
        assertThat(STANDARD.ofPairs(90, 10, 1000).isDifference()).isTrue();
        assertThat(STANDARD.ofPairs(400_000, 100_000, 1_000_000).low()).isCloseTo(0.3, within(0.002));
        assertThat(new Confidence(0.99, 0, false).ofPairs(5, 2, 1000).margin()).isGreaterThan(lost.margin());
    }

    @Test
    void aBootstrapHoldsAKnownMean() {
        SplittableRandom random = new SplittableRandom(12);
        int held = 0;
        double width = 0;
        int samples = 200;
        int rounds = 400;
        for (int round = 0; round < rounds; round++) {
            double[] losses = new double[samples];
            Arrays.setAll(losses, i -> random.nextGaussian(0.25, 1));
            double[] ones = new double[samples];
            Arrays.fill(ones, 1);
            Interval found = new Confidence(0.95, round, true).ofMeans(losses, ones);
            held += found.low() <= 0.25 && 0.25 <= found.high() ? 1 : 0;
            width += found.high() - found.low();
            assertThat(found.isDemanded()).isTrue();
        }
        assertThat(held / (double) rounds).isBetween(0.92, 0.98);
        assertThat(width / rounds).isCloseTo(2 * 1.96 / Math.sqrt(samples), within(0.01));
    }

    @Test
    void aBootstrapIsThatOfItsSeed() {
        double[] losses = {0.1, 0.4, -0.2, 0.3, 0};
        double[] weights = {1, 2, 1, 1, 3};
        Confidence seven = new Confidence(0.95, 7, false);
        assertThat(seven.ofMeans(losses, weights)).isEqualTo(seven.ofMeans(losses, weights));
        assertThat(STANDARD.ofMeans(new double[] {1}, new double[] {1}).high()).isNaN();
        assertThat(STANDARD.ofDraws(3, drawn -> Double.NaN).high()).isNaN();
        assertThat(STANDARD.ofDraws(3, drawn -> 2).margin()).isZero();
        for (double level : new double[] {0, 1, -1, Double.NaN}) {
            assertThatThrownBy(() -> new Confidence(level, 0, false)).isInstanceOf(InvalidOptionException.class);
        }
    }
}
