package dev.tenon.samples.embeddings;

import dev.tenon.text.Batch;
import java.util.function.IntPredicate;

/** Sums of hidden states, and measures of their difference. */
final class Embeddings {
    private Embeddings() {}

    /** The sum of the hidden states of the tokens of a row, without padding. */
    static double[] pooled(float[] hidden, Batch batch, int row) {
        double[] sum = new double[MiniLm.WIDTH];
        for (int token = 0; token < batch.tokens(); token++) {
            int at = row * batch.tokens() + token;
            for (int i = 0; i < MiniLm.WIDTH; i++) {
                sum[i] += batch.attentionMask()[at] * (double) hidden[at * MiniLm.WIDTH + i];
            }
        }
        return sum;
    }

    static double cosine(double[] a, double[] b) {
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
            squaresOfA += a[i] * a[i];
            squaresOfB += b[i] * b[i];
        }
        return product / Math.sqrt(squaresOfA * squaresOfB);
    }

    /** The least cosine between the embeddings of a row. */
    static double leastCosine(float[] a, float[] b, Batch batch) {
        double least = 1;
        for (int row = 0; row < batch.size(); row++) {
            double cosine = cosine(pooled(a, batch, row), pooled(b, batch, row));
            least = Double.isNaN(cosine) ? Double.NEGATIVE_INFINITY : Math.min(least, cosine);
        }
        return least;
    }

    /** The largest difference of two elements; infinite if one is NaN or the lengths differ. */
    static double largestDifference(float[] a, float[] b) {
        return largestDifference(a, b, i -> true);
    }

    /** The largest difference of two hidden states, either of tokens of texts or of padding. */
    static double largestDifference(float[] a, float[] b, Batch batch, boolean ofTexts) {
        return largestDifference(a, b, i -> batch.attentionMask()[i / MiniLm.WIDTH] != 0 == ofTexts);
    }

    private static double largestDifference(float[] a, float[] b, IntPredicate counts) {
        double most = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            double difference = counts.test(i) ? Math.abs(a[i] - b[i]) : 0;
            most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, difference);
        }
        return most;
    }
}
