package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;

/** Chooses the scales of a layer's weights. */
final class WeightScales {
    /** The tried scales are shares of the one that clips nothing, from a quarter of it on. */
    private static final int CANDIDATES = 76;

    private static final int FULL = 100;

    private final LinearLayer layer;
    private final float[] matrix;
    private final int min;
    private final int max;

    /**
     * Scales for integers in [min, max].
     *
     * @param layer the layer
     * @param min the least integer
     * @param max the largest integer, at most -min
     */
    WeightScales(LinearLayer layer, int min, int max) {
        this.layer = layer;
        this.matrix = layer.matrix();
        this.min = min;
        this.max = max;
    }

    /** The scales by which the largest absolute weight of each output, or of all, becomes the largest integer. */
    float[] largest(boolean isPerChannel) {
        float[] scales = new float[isPerChannel ? layer.outputs() : 1];
        for (int i = 0; i < matrix.length; i++) {
            int at = isPerChannel ? i / layer.terms() : 0;
            scales[at] = Math.max(scales[at], Math.abs(matrix[i]));
        }
        for (int i = 0; i < scales.length; i++) {
            scales[i] = positive(scales[i] / max);
        }
        return scales;
    }

    /**
     * The scales of least squared error. They clip the largest weights where that makes the others more exact.
     *
     * @param isPerChannel whether each output has its own
     * @param importance the weight of each term's squared error by group, [groups][terms]; null if all are equal
     */
    float[] leastError(boolean isPerChannel, double[][] importance) {
        float[] scales = largest(isPerChannel);
        int rows = isPerChannel ? 1 : layer.outputs();
        for (int i = 0; i < scales.length; i++) {
            float widest = scales[i];
            double best = Double.POSITIVE_INFINITY;
            for (int c = 0; c < CANDIDATES; c++) {
                float scale = positive(widest * (FULL - c) / FULL);
                double error = 0;
                for (int o = i * rows; o < (i + 1) * rows; o++) {
                    error += error(o, scale, importance);
                }
                if (error < best) {
                    best = error;
                    scales[i] = scale;
                }
            }
        }
        return scales;
    }

    private double error(int output, float scale, double[][] importance) {
        int terms = layer.terms();
        double[] weights = importance == null ? null : importance[output / (layer.outputs() / layer.groups())];
        double sum = 0;
        for (int t = 0; t < terms; t++) {
            float w = matrix[output * terms + t];
            double q = Math.min(max, Math.max(min, Math.rint(w / scale)));
            double error = w - q * scale;
            sum += error * error * (weights == null ? 1 : weights[t]);
        }
        return sum;
    }

    private static float positive(float scale) {
        return scale >= Float.MIN_NORMAL ? scale : 1;
    }
}
