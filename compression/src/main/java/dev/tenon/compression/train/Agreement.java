package dev.tenon.compression.train;

import dev.tenon.compression.metric.Sequences;
import java.util.stream.IntStream;

/** How far outputs agree with those of a teacher: the share of vectors with the same largest element, or the mean cosine. */
final class Agreement {
    private final boolean isOfClasses;
    private double sum;
    private long count;

    Agreement(boolean isOfClasses) {
        this.isOfClasses = isOfClasses;
    }

    /** Adds the vectors of a call, each of some elements. Where zeros are expected, no class is, as of a sample without a label. */
    void add(float[] found, float[] expected, int width) {
        for (int at = 0; at + width <= found.length; at += width) {
            if (!isOfClasses) {
                sum += cosine(found, expected, at, width);
                count++;
            } else if (!isZero(expected, at, width)) {
                sum += largest(found, at, width) == largest(expected, at, width) ? 1 : 0;
                count++;
            }
        }
    }

    private static boolean isZero(float[] values, int at, int width) {
        return IntStream.range(at, at + width).allMatch(i -> values[i] == 0);
    }

    /** The mean; NaN if there was nothing to compare. */
    double mean() {
        return sum / count;
    }

    private static int largest(float[] values, int at, int width) {
        int best = at;
        for (int i = at; i < at + width; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static double cosine(float[] x, float[] y, int at, int width) {
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = at; i < at + width; i++) {
            xx += (double) x[i] * x[i];
            yy += (double) y[i] * y[i];
            xy += (double) x[i] * y[i];
        }
        return Sequences.cosine(xy, xx, yy);
    }
}
