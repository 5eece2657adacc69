package dev.tenon.statistics;

import java.util.Arrays;

/** The two-sample test of Kolmogorov and Smirnov: how far two distribution functions are apart, and how likely that is. */
public final class KolmogorovSmirnov {
    private KolmogorovSmirnov() {}

    /**
     * The largest distance between the distribution functions of two samples.
     *
     * @param a a sample in ascending order, without NaN, at least one number
     * @param b another one
     * @return the distance, 0 to 1
     */
    public static double distance(double[] a, double[] b) {
        int i = 0;
        int j = 0;
        double largest = 0;
        while (i < a.length && j < b.length) {
            double x = Math.min(a[i], b[j]);
            while (i < a.length && a[i] <= x) {
                i++;
            }
            while (j < b.length && b[j] <= x) {
                j++;
            }
            largest = Math.max(largest, Math.abs((double) i / a.length - (double) j / b.length));
        }
        return largest;
    }

    /**
     * The probability that two samples of one continuous distribution are at least so far apart. It is exact: samples
     * are paths on a grid, and paths that leave a band are counted (Hodges, The significance probability of the Smirnov
     * two-sample test, 1958). Takes time in proportion to the product of the sizes.
     *
     * @param m the size of one sample, at least 1
     * @param n the size of the other, at least 1
     * @param distance the distance, 0 to 1
     * @return the probability
     */
    public static double probability(int m, int n, double distance) {
        long product = (long) m * n;
        long band = Math.round(distance * product);
        if (band <= 0) {
            return 1;
        }
        // outside[j] is the share of the paths to (i, j) that were at or beyond the border of the band.
        double[] outside = new double[n + 1];
        for (int i = 0; i <= m; i++) {
            for (int j = 0; j <= n; j++) {
                if (Math.abs((long) i * n - (long) j * m) >= band) {
                    outside[j] = 1;
                } else if (i + j > 0) {
                    double left = j > 0 ? outside[j - 1] : 0;
                    outside[j] = (i * outside[j] + j * left) / (i + j);
                }
            }
        }
        return outside[n];
    }

    /**
     * A distance that samples of one distribution exceed with at most a given probability, by the inequality of
     * Dvoretzky, Kiefer and Wolfowitz with the constant e (Wei and Dudley, Two-sample Dvoretzky-Kiefer-Wolfowitz
     * inequalities, 2012).
     *
     * @param m the size of one sample
     * @param n the size of the other
     * @param probability the probability, more than 0
     * @return the distance, which may exceed 1
     */
    public static double limit(int m, int n, double probability) {
        return Math.sqrt(Math.log(Math.E / probability) / 2 * (1.0 / m + 1.0 / n));
    }

    /**
     * A sample in ascending order, without NaN.
     *
     * @param sample the sample
     * @return a new array
     */
    public static double[] sorted(double[] sample) {
        double[] kept = Arrays.stream(sample).filter(x -> !Double.isNaN(x)).toArray();
        Arrays.sort(kept);
        return kept;
    }
}
