package dev.tenon.compression.metric;

import java.util.Arrays;

/**
 * Metrics of classes. A class is an index, from 0. They are defined as scikit-learn has them (Pedregosa et al., Scikit-learn:
 * Machine Learning in Python, JMLR 12, 2011; the user guide, section Metrics and scoring).
 */
public final class Classes {
    static final double EVEN = 0.5;

    private Classes() {}

    /**
     * The share of samples whose class is predicted.
     *
     * @param labels the classes
     * @param predicted the predicted classes
     * @return a share
     */
    public static double accuracy(int[] labels, int[] predicted) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += labels[i] == predicted[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    /**
     * Whether the class is among the best ones. Of equal scores, those of larger indices count as better.
     *
     * @param label the class
     * @param scores the score of each class
     * @param k the number of best ones
     * @return whether fewer than k others are better
     */
    public static boolean isInTop(int label, double[] scores, int k) {
        int better = 0;
        for (int c = 0; c < scores.length; c++) {
            better += scores[c] > scores[label] || c > label && scores[c] == scores[label] ? 1 : 0;
        }
        return better < k;
    }

    /**
     * The numbers of samples by class and predicted class.
     *
     * @param labels the classes
     * @param predicted the predicted classes
     * @return a row for each class, with a column for each predicted class; as many as the largest of both says
     */
    public static long[][] confusion(int[] labels, int[] predicted) {
        int most = Math.max(
                Arrays.stream(labels).max().orElse(-1),
                Arrays.stream(predicted).max().orElse(-1));
        long[][] counts = new long[most + 1][most + 1];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][predicted[i]]++;
        }
        return counts;
    }

    /**
     * The F1 of each class: the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN) (van Rijsbergen, Information
     * Retrieval, 1979, chapter 7).
     *
     * @param labels the classes
     * @param predicted the predicted classes
     * @return the F1 by class; NaN for a class that neither has
     */
    public static double[] f1(int[] labels, int[] predicted) {
        long[][] counts = confusion(labels, predicted);
        double[] f1 = new double[counts.length];
        for (int c = 0; c < f1.length; c++) {
            long ofEither = 0;
            for (int other = 0; other < f1.length; other++) {
                ofEither += counts[c][other] + counts[other][c];
            }
            f1[c] = ofEither == 0 ? Double.NaN : 2.0 * counts[c][c] / ofEither;
        }
        return f1;
    }

    /**
     * The mean of the F1 of all classes that occur.
     *
     * @param labels the classes
     * @param predicted the predicted classes
     * @return the mean
     */
    public static double macroF1(int[] labels, int[] predicted) {
        return Arrays.stream(f1(labels, predicted))
                .filter(x -> !Double.isNaN(x))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The area under the curve of true positives over false positives, by the ranks of the positives (Hanley and McNeil, The
     * Meaning and Use of the Area under a ROC Curve, Radiology 143, 1982). Equal scores count half.
     *
     * @param isPositive which samples are positive
     * @param scores their scores
     * @return the area; NaN if all samples are of one kind
     */
    public static double auc(boolean[] isPositive, double[] scores) {
        double[] ranks = Ranks.of(scores);
        double sum = 0;
        double positives = 0;
        for (int i = 0; i < ranks.length; i++) {
            sum += isPositive[i] ? ranks[i] : 0;
            positives += isPositive[i] ? 1 : 0;
        }
        double negatives = ranks.length - positives;
        return (sum - positives * (positives + 1) / 2) / (positives * negatives);
    }

    /**
     * The area under the curve of each class against all others, and the mean of these.
     *
     * @param labels the classes
     * @param scores the score of each class for each sample. One score is that of class 1, and two classes have the area of class 1
     * @return the mean over classes that have an area; NaN if none has
     */
    public static double auc(int[] labels, double[][] scores) {
        int width = scores.length == 0 ? 0 : scores[0].length;
        int first = width <= 2 ? 1 : 0;
        double sum = 0;
        int areas = 0;
        for (int c = first; c < Math.max(width, 2); c++) {
            int positive = c;
            boolean[] isPositive = new boolean[labels.length];
            double[] column = new double[labels.length];
            for (int i = 0; i < labels.length; i++) {
                isPositive[i] = labels[i] == positive;
                column[i] = scores[i][Math.min(c, width - 1)];
            }
            double area = auc(isPositive, column);
            sum += Double.isNaN(area) ? 0 : area;
            areas += Double.isNaN(area) ? 0 : 1;
        }
        return areas == 0 ? Double.NaN : sum / areas;
    }

    /**
     * The negative logarithm of the probability of a class. Probabilities are kept from 0 and 1 by the least step of double, and
     * divided by their sum.
     *
     * @param label the class
     * @param probabilities the probability of each class; one alone is that of class 1
     * @return nats
     */
    public static double logLoss(int label, double[] probabilities) {
        double[] p = probabilities.length == 1
                ? new double[] {1 - probabilities[0], probabilities[0]}
                : probabilities.clone();
        double least = Math.ulp(1.0);
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            p[c] = Double.isNaN(p[c]) ? p[c] : Math.clamp(p[c], least, 1 - least);
            sum += p[c];
        }
        return -Math.log(p[label] / sum);
    }

    /**
     * The negative logarithm of the softmax of a class.
     *
     * @param label the class
     * @param logits an array of logits
     * @param from the first logit
     * @param width the number of classes
     * @return nats
     */
    public static double logLossOfLogits(int label, double[] logits, int from, int width) {
        double most = Double.NEGATIVE_INFINITY;
        for (int c = from; c < from + width; c++) {
            most = Math.max(most, logits[c]);
        }
        double sum = 0;
        for (int c = from; c < from + width; c++) {
            sum += Math.exp(logits[c] - most);
        }
        return most + Math.log(sum) - logits[from + label];
    }
}
