package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.algebra.Dense;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The choices of weights, against all choices that there are. */
class MaskChoiceTest {
    private static final int TERMS = 8;

    private static double[] moments(Random random, int terms) {
        double[] h = new double[terms * terms];
        for (int row = 0; row < 3 * terms; row++) {
            double[] x = new double[terms];
            double common = random.nextGaussian();
            for (int i = 0; i < terms; i++) {
                x[i] = random.nextGaussian() + common;
            }
            for (int i = 0; i < terms * terms; i++) {
                h[i] += x[i / terms] * x[i % terms];
            }
        }
        return h;
    }

    private static double[] weights(Random random, int size) {
        return random.doubles(size, -1, 1).toArray();
    }

    private static double error(double[] w, double[] t, double[] h, int terms) {
        double[] d = new double[w.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = w[i] - t[i];
        }
        return Dense.dot(Dense.product(d, h, w.length / terms, terms, terms), d);
    }

    /** The least error of one row over all masks of a size. */
    private static double best(double[] t, double[] h, int pruned) {
        double best = Double.POSITIVE_INFINITY;
        for (int mask = 0; mask < 1 << TERMS; mask++) {
            if (Integer.bitCount(mask) == pruned) {
                boolean[] gone = new boolean[TERMS];
                for (int i = 0; i < TERMS; i++) {
                    gone[i] = (mask >> i & 1) == 1;
                }
                best = Math.min(best, error(SupportFit.fit(t, t, gone, h, TERMS), t, h, TERMS));
            }
        }
        return best;
    }

    @Test
    void theGreedyChoiceIsNearTheBest() {
        Random random = new Random(11);
        double greedy = 0;
        double best = 0;
        double magnitude = 0;
        for (int run = 0; run < 20; run++) {
            double[] h = moments(random, TERMS);
            double[] t = weights(random, TERMS);
            MaskRule rule = new MaskRule(0.5, 0, 0);
            boolean[] mask = new ObsMask(rule, Dense.inverse(h, TERMS), TERMS).mask(t);
            greedy += error(SupportFit.fit(t, t, mask, h, TERMS), t, h, TERMS);
            best += best(t, h, TERMS / 2);
            boolean[] small = rule.mask(Arrays.stream(t).map(Math::abs).toArray(), TERMS, false);
            double[] left = t.clone();
            for (int i = 0; i < TERMS; i++) {
                left[i] = small[i] ? 0 : left[i];
            }
            magnitude += error(left, t, h, TERMS);
        }
        assertThat(greedy).isBetween(best, 1.2 * best);
        assertThat(greedy).isLessThan(0.5 * magnitude);
    }

    /** The loss that is found step by step is the loss of the least squares on what is left. */
    @Test
    void bothChoicesCountWhatTheyRemove() {
        Random random = new Random(12);
        int terms = 130;
        double[] h = moments(random, terms);
        double[] t = weights(random, 6 * terms);
        double[] inverse = Dense.inverse(h, terms);
        for (MaskRule rule : new MaskRule[] {new MaskRule(0.4, 0, 0), new MaskRule(0, 2, 4), new MaskRule(0, 1, 3)}) {
            int pruned = rule.isPattern() ? 6 * rule.prunedOfRow(terms) : (int) Math.round(0.4 * t.length);
            double[] corrected = t.clone();
            boolean[] blocks = new BlockMask(rule, inverse, terms).mask(corrected);
            assertThat(count(blocks)).isEqualTo(pruned);
            boolean[] exact = new ObsMask(rule, inverse, terms).mask(t);
            assertThat(count(exact)).isEqualTo(pruned);
            double[] fitted = SupportFit.fit(t, corrected, blocks, h, terms);
            assertThat(error(fitted, t, h, terms)).isLessThanOrEqualTo(error(corrected, t, h, terms));
            assertThat(error(SupportFit.fit(t, t, exact, h, terms), t, h, terms))
                    .isLessThan(error(fitted, t, h, terms));
        }
    }

    private static int count(boolean[] mask) {
        int count = 0;
        for (boolean b : mask) {
            count += b ? 1 : 0;
        }
        return count;
    }

    @Test
    void conjugateGradientsFindWhatCholeskyFinds() {
        Random random = new Random(13);
        int terms = 40;
        double[] h = Dense.damped(moments(random, terms), terms, 100);
        double[] t = weights(random, 3 * terms);
        boolean[] mask =
                new MaskRule(0, 2, 4).mask(Arrays.stream(t).map(Math::abs).toArray(), terms, false);
        double[] start = t.clone();
        for (int i = 0; i < start.length; i++) {
            start[i] = mask[i] ? 0 : start[i];
        }
        double[] exact = SupportFit.fit(t, start, mask, h, terms);
        double[] found = SupportFit.conjugateGradients(Dense.product(t, h, 3, terms, terms), start, mask, h, terms);
        for (int i = 0; i < exact.length; i++) {
            assertThat(found[i]).isCloseTo(exact[i], within(1e-5));
            assertThat(found[i] == 0).isEqualTo(mask[i]);
        }
    }

    @Test
    void ofEqualScoresTheFirstGo() {
        assertThat(new MaskRule(0.5, 0, 0).mask(new double[] {1, 1, 1, 1}, 4, false))
                .containsExactly(true, true, false, false);
        assertThat(new MaskRule(0, 2, 4).mask(new double[] {4, 1, 3, 2, 7, 6, 5}, 7, false))
                .containsExactly(false, true, false, true, false, false, true);
    }
}
