package dev.tenon.statistics;

/**
 * The population stability index of two frequency tables: the sum of {@code (p - q) ln(p / q)} over their cells, which is
 * the divergence of Kullback and Leibler in both directions. Empty cells count as half an observation.
 */
public final class PopulationStability {
    private static final double HALF = 0.5;

    private PopulationStability() {}

    /**
     * The index.
     *
     * @param reference counts of the reference
     * @param window counts of the window, in the same cells
     * @return the index, at least 0
     */
    public static double index(long[] reference, long[] window) {
        double m = sum(reference);
        double n = sum(window);
        double index = 0;
        for (int i = 0; i < reference.length; i++) {
            double p = Math.max(HALF, reference[i]) / m;
            double q = Math.max(HALF, window[i]) / n;
            index += (p - q) * Math.log(p / q);
        }
        return index;
    }

    /**
     * An index that tables of one distribution exceed with about a given probability. For large tables, the index
     * divided by {@code 1/m + 1/n} has the distribution of chi-square; its tail is bounded as by Laurent and Massart
     * (Adaptive estimation of a quadratic functional, 2000, lemma 1).
     *
     * @param m the observations of the reference
     * @param n those of the window
     * @param cells the number of cells, at least 2
     * @param probability the probability, more than 0
     * @return the index
     */
    public static double limit(long m, long n, int cells, double probability) {
        double x = -Math.log(probability);
        int freedom = cells - 1;
        return (freedom + 2 * Math.sqrt(freedom * x) + 2 * x) * (1.0 / m + 1.0 / n);
    }

    private static double sum(long[] counts) {
        double sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
