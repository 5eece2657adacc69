package dev.tenon.compression.train;

/** How far outputs agree with those of a teacher: the share of vectors with the same largest element, or the mean cosine. */
final class Agreement {
    private final boolean isOfClasses;
    private double sum;
    private long count;

    Agreement(boolean isOfClasses) {
        this.isOfClasses = isOfClasses;
    }

    /** Adds the vectors of a call, each of some elements. */
    void add(float[] found, float[] expected, int width) {
        for (int at = 0; at + width <= found.length; at += width) {
            sum += isOfClasses
                    ? largest(found, at, width) == largest(expected, at, width) ? 1 : 0
                    : cosine(found, expected, at, width);
            count++;
        }
    }

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
        return xx == 0 && yy == 0 ? 1 : xy / Math.max(Math.sqrt(xx * yy), Double.MIN_NORMAL);
    }
}
