package dev.tenon.compression.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.CompressionException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The calibrators find the ranges that a search over all values finds. */
class CalibrationTest {
    private static final int LEVELS = 256;

    /** Normal numbers with some outliers, or their positive part. */
    private static float[] values(int seed, int count, boolean isPositive) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            double v = random.nextGaussian() * (random.nextInt(1000) == 0 ? 12 : 1);
            values[i] = (float) (isPositive ? Math.max(0, v) : v);
        }
        return values;
    }

    private static Histogram histogram(float[] values) {
        Histogram h = new Histogram();
        for (int from = 0; from < values.length; from += 1000) {
            h.add(Arrays.copyOfRange(values, from, Math.min(values.length, from + 1000)));
        }
        return h;
    }

    /** The sum of squared errors that quantising values with a limit makes. */
    private static double error(float[] values, Range all, double limit, boolean isSymmetric) {
        double low = isSymmetric ? -limit : Math.min(0, Math.max(all.low(), -limit));
        double high = isSymmetric ? limit : Math.max(0, Math.min(all.high(), limit));
        return error(values, low, high, isSymmetric);
    }

    /** The sum of squared errors that quantising values with a range makes. */
    private static double error(float[] values, double low, double high, boolean isSymmetric) {
        int steps = isSymmetric ? LEVELS - 2 : LEVELS - 1;
        double scale = (high - low) / steps;
        double least = Math.rint(low / scale);
        double sum = 0;
        for (float v : values) {
            double q = Math.min(least + steps, Math.max(least, Math.rint(v / scale)));
            sum += (v - q * scale) * (v - q * scale);
        }
        return sum;
    }

    @Test
    void aHistogramCountsEveryValueWhereverItLies() {
        float[] values = values(1, 20_000, false);
        values[17] = 0;
        values[18] = 900;
        Histogram h = histogram(values);
        long sum = h.zeros();
        for (int i = 0; i < Histogram.BINS; i++) {
            sum += h.above(i) + h.below(i);
        }
        assertThat(sum).isEqualTo(h.count()).isEqualTo(values.length);
        assertThat(h.range().high()).isEqualTo(900);
        double width = h.width();
        long near = 0;
        for (float v : values) {
            near += v > 0 && (int) (v / width) == 3 ? 1 : 0;
        }
        assertThat(h.above(3)).isEqualTo(near);
    }

    @Test
    void infinitiesAndNaNsAreCountedApart() {
        Histogram h = histogram(new float[] {1, Float.NaN, Float.NEGATIVE_INFINITY, -2});
        assertThat(h.nonFinite()).isEqualTo(2);
        assertThat(h.count()).isEqualTo(2);
        assertThat(h.range()).isEqualTo(new Range(-2, 1));
    }

    @Test
    void valuesUpToTheLargestFloatHaveABin() {
        Histogram h = histogram(new float[] {1e-30f});
        h.add(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE});
        assertThat(h.above(Histogram.BINS - 1) + h.below(Histogram.BINS - 1)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void minMaxIsExact(boolean isPositive) {
        float[] values = values(2, 5000, isPositive);
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        assertThat(Calibration.MIN_MAX.range(histogram(values), LEVELS, false))
                .isEqualTo(new Range(sorted[0], sorted[sorted.length - 1]));
    }

    @ParameterizedTest
    @ValueSource(doubles = {99.9, 99, 90, 60})
    void aPercentileCutsHalfOfTheRestAtEachEnd(double percent) {
        for (boolean isPositive : new boolean[] {false, true}) {
            float[] values = values(3, 50_000, isPositive);
            float[] sorted = values.clone();
            Arrays.sort(sorted);
            int cut = (int) ((1 - percent / 100) / 2 * values.length);
            Histogram h = histogram(values);
            Range range = Calibration.percentile(percent).range(h, LEVELS, false);
            // The end of a bin may lie a bin beyond the value.
            assertThat((double) range.low()).isEqualTo(sorted[cut], within(1.5 * h.width()));
            assertThat((double) range.high()).isEqualTo(sorted[sorted.length - 1 - cut], within(1.5 * h.width()));
        }
    }

    @Test
    void hundredPercentIsMinMax() {
        Histogram h = histogram(values(4, 5000, false));
        assertThat(Calibration.percentile(100).range(h, LEVELS, false)).isEqualTo(h.range());
        assertThatThrownBy(() -> Calibration.percentile(100.1)).isInstanceOf(CompressionException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7})
    void theLeastSquaredErrorIsThatOfTheValuesThemselves(int seed) {
        for (boolean isPositive : new boolean[] {false, true}) {
            for (boolean isSymmetric : new boolean[] {false, true}) {
                float[] values = values(seed, 20_000, isPositive);
                Histogram h = histogram(values);
                double best = Double.POSITIVE_INFINITY;
                for (int clip = 1; clip <= SquaredErrorSearch.CLIPS; clip++) {
                    double limit = h.range().magnitude() * (double) clip / SquaredErrorSearch.CLIPS;
                    best = Math.min(best, error(values, h.range(), limit, isSymmetric));
                }
                Range range = Calibration.MSE.range(h, LEVELS, isSymmetric);
                double found = isSymmetric
                        ? error(values, h.range(), range.magnitude(), true)
                        : error(values, Math.min(0, range.low()), range.high(), false);
                assertThat(found).as("seed %d", seed).isBetween(best * (1 - 1e-6), best * 1.02);
                double widest = error(values, h.range(), h.range().magnitude(), isSymmetric);
                assertThat(found).isLessThanOrEqualTo(widest);
            }
        }
    }

    /** The steps below -3 go to numbers that the function tells apart. */
    @Test
    void theErrorIsThatAfterAFunction() {
        float[] values = values(9, 20_000, false);
        for (int i = 0; i < values.length; i++) {
            values[i] *= 4;
        }
        UnaryOperator<float[]> hardSwish = x -> {
            float[] y = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                y[i] = x[i] * Math.clamp(x[i] + 3, 0f, 6f) / 6;
            }
            return y;
        };
        Histogram h = histogram(values);
        Range plain = Calibration.MSE.range(h, LEVELS, false);
        Range range = Calibration.MSE.range(h, LEVELS, false, hardSwish);
        assertThat(plain.low()).isLessThan(-8f);
        assertThat(range.low()).isBetween(-3.5f, -2f);
        assertThat(range.high()).isGreaterThan(8f);
        assertThat(Calibration.MIN_MAX.range(h, LEVELS, false, hardSwish)).isEqualTo(h.range());
    }

    @Test
    void entropyKeepsUniformValuesAndCutsALongTail() {
        float[] uniform = new float[50_000];
        float[] tailed = new float[50_000];
        Random random = new Random(8);
        for (int i = 0; i < uniform.length; i++) {
            uniform[i] = random.nextFloat();
            tailed[i] = (float) Math.abs(random.nextGaussian());
        }
        tailed[9] = 40;
        assertThat(Calibration.ENTROPY.range(histogram(uniform), LEVELS, false).high())
                .isGreaterThan(0.95f);
        assertThat(Calibration.ENTROPY.range(histogram(tailed), LEVELS, false).high())
                .isBetween(2.5f, 12f);
    }

    /** Four of five values are one number, as the background of an image is. */
    @Test
    void entropyDoesNotCutAtAPeak() {
        float[] values = new float[50_000];
        Random random = new Random(9);
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 5 == 0 ? random.nextFloat() * 2.8f : -0.42f;
        }
        assertThat(Calibration.ENTROPY.range(histogram(values), LEVELS, false).high())
                .isGreaterThan(2.7f);
    }

    @Test
    void magnitudesKeepTheirNumber() {
        Histogram h = histogram(values(10, 10_000, false));
        double[] bins = EntropySearch.magnitudes(h, h.range().magnitude());
        assertThat(Arrays.stream(bins).sum()).isEqualTo(h.count() - h.zeros(), within(1e-6 * h.count()));
    }

    @Test
    void noValuesAndZerosAloneHaveAnEmptyRange() {
        for (Calibration c :
                new Calibration[] {Calibration.MIN_MAX, Calibration.MSE, Calibration.ENTROPY, Calibration.percentile(99)
                }) {
            assertThat(c.range(new Histogram(), LEVELS, false)).isEqualTo(new Range(0, 0));
            assertThat(c.range(histogram(new float[10]), LEVELS, true)).isEqualTo(new Range(0, 0));
        }
    }

    @Test
    void aHistogramForTheReportCountsEveryValueOnce() {
        float[] values = values(9, 20_000, false);
        values[3] = 0;
        Histogram h = histogram(values);
        long[] counts = h.counts(48);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(values.length);
        assertThat(counts[0]).isPositive();
        assertThat(counts[47]).isPositive();
        double width = ((double) h.range().high() - h.range().low()) / 48;
        long inFirstHalf = Arrays.stream(counts).limit(24).sum();
        long expected = 0;
        long clipped = 0;
        for (float v : values) {
            expected += v < h.range().low() + 24 * width ? 1 : 0;
            clipped += v < -2 || v > 3 ? 1 : 0;
        }
        // Values within a bin of a border may be counted on its other side.
        assertThat(inFirstHalf).isCloseTo(expected, within(values.length / 100L));
        assertThat(h.outside(-2, 3)).isCloseTo(clipped, within(values.length / 500L));
        assertThat(h.outside(h.range().low(), h.range().high())).isZero();
        assertThat(new Histogram().counts(4)).containsOnly(0);
    }
}
