package dev.tenon.compression.metric;

import java.util.Arrays;
import java.util.Comparator;

/** Metrics of order: which items a model puts first. */
public final class Ranks {
    private Ranks() {}

    /** The positions of values, the largest first. Equal ones stay in their order. */
    private static int[] descending(double[] values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -values[i]));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    /**
     * The rank of each value, from 1 for the least. Equal values have the mean of their ranks.
     *
     * @param values the values
     * @return their ranks
     */
    public static double[] of(double[] values) {
        int[] order = descending(values);
        double[] ranks = new double[values.length];
        for (int start = 0; start < order.length; ) {
            int end = endOfEqual(order, values, start);
            for (int i = start; i < end; i++) {
                ranks[order[i]] = order.length - (start + end - 1) / 2.0;
            }
            start = end;
        }
        return ranks;
    }

    private static int endOfEqual(int[] order, double[] values, int start) {
        int end = start + 1;
        while (end < order.length && values[order[end]] == values[order[start]]) {
            end++;
        }
        return end;
    }

    /**
     * Spearman's correlation: Pearson's of the ranks (Spearman, The Proof and Measurement of Association between Two Things,
     * American Journal of Psychology 15, 1904).
     *
     * @param a values
     * @param b values in the same order
     * @return the correlation; NaN if all values of one are equal
     */
    public static double spearman(double[] a, double[] b) {
        double[] x = of(a);
        double[] y = of(b);
        double mean = (a.length + 1) / 2.0;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }
        return xy / Math.sqrt(xx * yy);
    }

    /**
     * The average precision: the sum of precisions at each distinct score, weighted by the gain of recall there (Zhu, Recall,
     * Precision and Average Precision, University of Waterloo, 2004; without interpolation, as scikit-learn has it).
     *
     * @param relevance 0 for what is not relevant
     * @param scores the scores
     * @return the average precision; NaN if nothing is relevant
     */
    public static double averagePrecision(double[] relevance, double[] scores) {
        int[] order = descending(scores);
        double all = Arrays.stream(relevance).filter(x -> x != 0).count();
        double sum = 0;
        double found = 0;
        for (int start = 0; start < order.length; ) {
            int end = endOfEqual(order, scores, start);
            double more = 0;
            for (int i = start; i < end; i++) {
                more += relevance[order[i]] == 0 ? 0 : 1;
            }
            found += more;
            sum += more * found / end;
            start = end;
        }
        return sum / all;
    }

    /**
     * The mean of the average precisions of all classes: mAP of several labels a sample.
     *
     * @param relevance which classes each sample has, 0 for those that it has not
     * @param scores the score of each class for each sample
     * @return the mean over classes that a sample has
     */
    public static double meanAveragePrecision(double[][] relevance, double[][] scores) {
        int classes = scores.length == 0 ? 0 : scores[0].length;
        double sum = 0;
        int counted = 0;
        for (int c = 0; c < classes; c++) {
            int column = c;
            double precision = averagePrecision(
                    Arrays.stream(relevance).mapToDouble(row -> row[column]).toArray(),
                    Arrays.stream(scores).mapToDouble(row -> row[column]).toArray());
            sum += Double.isNaN(precision) ? 0 : precision;
            counted += Double.isNaN(precision) ? 0 : 1;
        }
        return counted == 0 ? Double.NaN : sum / counted;
    }

    /**
     * The share of the relevant items that are among the k best (Manning, Raghavan and Schütze, Introduction to Information
     * Retrieval, 2008, chapter 8). Of equal scores the first ones are taken.
     *
     * @param relevance 0 for what is not relevant
     * @param scores the scores
     * @param k the number of best items
     * @return the share; NaN if nothing is relevant
     */
    public static double recallAt(double[] relevance, double[] scores, int k) {
        int[] order = descending(scores);
        double found = 0;
        for (int i = 0; i < Math.min(k, order.length); i++) {
            found += relevance[order[i]] == 0 ? 0 : 1;
        }
        return found / Arrays.stream(relevance).filter(x -> x != 0).count();
    }

    /**
     * The normalised discounted cumulative gain of the k best items (Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of
     * IR Techniques, ACM TOIS 20, 2002). Items of equal scores share their gains (McSherry and Najork, Computing Information
     * Retrieval Performance Measures Efficiently in the Presence of Tied Scores, ECIR 2008).
     *
     * @param relevance the gain of each item, at least 0
     * @param scores the scores
     * @param k the number of best items
     * @return a share of the best that is possible; 0 if there is no gain
     */
    public static double ndcg(double[] relevance, double[] scores, int k) {
        double best = gain(relevance, relevance, k);
        return best == 0 ? 0 : gain(relevance, scores, k) / best;
    }

    private static double gain(double[] relevance, double[] scores, int k) {
        int[] order = descending(scores);
        double sum = 0;
        for (int start = 0; start < Math.min(k, order.length); ) {
            int end = endOfEqual(order, scores, start);
            double gains = 0;
            double discounts = 0;
            for (int i = start; i < end; i++) {
                gains += relevance[order[i]];
                discounts += i < k ? Math.log(2) / Math.log(i + 2.0) : 0;
            }
            sum += gains / (end - start) * discounts;
            start = end;
        }
        return sum;
    }
}
