package dev.tenon.compression.metric;

import dev.tenon.error.InvalidOptionException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoublePredicate;
import java.util.function.ToDoubleFunction;

/**
 * Makes intervals of confidence of losses: how much worse a model is than another on the same samples. The same samples, level
 * and seed give the same interval.
 *
 * @param level the share of intervals that hold the true loss, between 0 and 1
 * @param seed the seed of the bootstrap
 * @param isDemanded whether a loss is only allowed together with its margin
 */
public record Confidence(double level, long seed, boolean isDemanded) {
    private static final double USUAL = 0.95;
    private static final int MOST_DRAWS = 1000;
    private static final int LEAST_DRAWS = 200;
    private static final long DRAWN_SAMPLES = 5_000_000;
    private static final int HALVINGS = 60;
    private static final double NEGLIGIBLE = 1e-17;

    /** Checks the level. */
    public Confidence {
        if (!(level > 0 && level < 1)) {
            throw new InvalidOptionException("confidence", level + "", "more than 0 and less than 1", null);
        }
    }

    /** {@return intervals of 95 % with seed 0, which are told but not demanded} */
    public static Confidence standard() {
        return new Confidence(USUAL, 0, false);
    }

    private Interval interval(double low, double high) {
        return new Interval(low, high, level, isDemanded);
    }

    /**
     * The interval of a loss of accuracy, from the samples that only one of two models has right. The shares of both kinds have
     * intervals by the mid-P value, as the test of McNemar by mid-P (Fagerland, Lydersen and Laake, The McNemar test for binary
     * matched-pairs data: mid-p and asymptotic are better than exact conditional, BMC Medical Research Methodology 13, 2013).
     * Their difference has the interval that recovers its variance from these limits and the correlation of the shares (Zou and
     * Donner, Construction of confidence limits about effect measures, Statistics in Medicine 27, 2008; for paired shares
     * Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data, Statistics
     * in Medicine 17, 1998). Unlike an interval that takes the number of disagreements as given, it covers where these are few
     * or most of them have one sign.
     *
     * @param lost the samples that only the model before has right
     * @param won those that only the other has right
     * @param samples all samples
     * @return the interval of (lost - won) / samples; of NaN without samples
     */
    public Interval ofPairs(long lost, long won, long samples) {
        if (samples == 0) {
            return interval(Double.NaN, Double.NaN);
        }
        double p = (double) lost / samples;
        double q = (double) won / samples;
        double[] ofP = midP(lost, samples);
        double[] ofQ = midP(won, samples);
        // The counts of a multinomial distribution.
        double correlation = p * q == 0 ? 0 : -Math.sqrt(p * q / ((1 - p) * (1 - q)));
        return interval(
                p - q - distance(p - ofP[0], ofQ[1] - q, correlation),
                p - q + distance(ofP[1] - p, q - ofQ[0], correlation));
    }

    private static double distance(double a, double b, double correlation) {
        return Math.sqrt(Math.max(0, a * a + b * b - 2 * correlation * a * b));
    }

    /**
     * The interval of a share by the mid-P value (Lancaster, Significance Tests in Discrete Distributions, JASA 56, 1961): at its
     * ends, the probability of more than what was counted, or less, and half of that of the count, is half of what is left out.
     *
     * @param count the number of successes
     * @param samples the number of trials, at least 1
     * @return the lower and the upper limit
     */
    public double[] midP(long count, long samples) {
        double tail = (1 - level) / 2;
        double ways = 0;
        for (long i = 1; i <= count; i++) {
            ways += Math.log((double) (samples - count + i) / i);
        }
        double logWays = ways;
        double low = count == 0 ? 0 : boundary(p -> 1 - midBelow(count, samples, p, logWays) > tail);
        double high = count == samples ? 1 : boundary(p -> midBelow(count, samples, p, logWays) < tail);
        return new double[] {low, high};
    }

    /** The least share for which a condition holds that holds for all larger ones. */
    private static double boundary(DoublePredicate holds) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (holds.test(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return (low + high) / 2;
    }

    /** The probability of less than a count, and half of that of the count, of a binomial distribution. */
    private static double midBelow(long count, long samples, double p, double logWays) {
        double term = Math.exp(logWays + (samples - count) * Math.log1p(-p) + count * Math.log(p));
        if (term == 0) {
            return count > samples * p ? 1 : 0;
        }
        double sum = term / 2;
        for (long i = count; i > 0; i--) {
            term *= i * (1 - p) / ((samples - i + 1) * p);
            sum += term;
            if (i < samples * p && term < sum * NEGLIGIBLE) {
                break;
            }
        }
        return Math.min(1, sum);
    }

    /**
     * The interval of a mean of losses by the bootstrap over samples.
     *
     * @param losses the loss of each sample
     * @param weights the weight of each sample
     * @return the interval, as {@link #ofDraws}
     */
    public Interval ofMeans(double[] losses, double[] weights) {
        return ofDraws(losses.length, drawn -> {
            double sum = 0;
            double weight = 0;
            for (int i : drawn) {
                sum += losses[i] * weights[i];
                weight += weights[i];
            }
            return sum / weight;
        });
    }

    /**
     * The interval of a loss by the percentiles of the bootstrap over samples (Efron and Tibshirani, An Introduction to the
     * Bootstrap, 1993, chapter 13). It draws as many samples as there are, with replacement, 1,000 times; for more than 5,000
     * samples less often, but at least 200 times.
     *
     * @param samples the number of samples
     * @param loss the loss of drawn samples, by their positions. It must not keep the array
     * @return the interval; of NaN for less than two samples, or if more than half of the losses are no numbers
     */
    public Interval ofDraws(int samples, ToDoubleFunction<int[]> loss) {
        if (samples < 2) {
            return interval(Double.NaN, Double.NaN);
        }
        SplittableRandom random = new SplittableRandom(seed);
        int draws = Math.clamp(DRAWN_SAMPLES / samples, LEAST_DRAWS, MOST_DRAWS);
        double[] losses = new double[draws];
        int[] drawn = new int[samples];
        int count = 0;
        for (int i = 0; i < draws; i++) {
            for (int j = 0; j < samples; j++) {
                drawn[j] = random.nextInt(samples);
            }
            double found = loss.applyAsDouble(drawn);
            if (!Double.isNaN(found)) {
                losses[count++] = found;
            }
        }
        if (count <= draws / 2) {
            return interval(Double.NaN, Double.NaN);
        }
        Arrays.sort(losses, 0, count);
        int left = (int) ((1 - level) / 2 * (count + 1));
        return interval(losses[Math.max(0, left - 1)], losses[Math.min(count - 1, count - left)]);
    }
}
