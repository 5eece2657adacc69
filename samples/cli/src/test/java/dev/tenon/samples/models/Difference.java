package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.Tensor;

/** Measures of the difference between results. */
final class Difference {
    private Difference() {}

    /** The largest difference of two elements, relative to the largest expected magnitude. */
    static double relativeToLargest(Tensor found, Tensor expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        float[] f = found.toFloatArray();
        float[] e = expected.toFloatArray();
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < e.length; i++) {
            largest = Math.max(largest, Math.abs(e[i]));
            // NaN counts as an infinite difference, which is above each bound.
            double d = Math.abs((double) f[i] - e[i]);
            difference = Math.max(difference, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
        }
        return difference / Math.max(largest, Float.MIN_NORMAL);
    }

    /** The cosine of the angle between two results. */
    static double cosine(Tensor found, Tensor expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        float[] f = found.toFloatArray();
        float[] e = expected.toFloatArray();
        double product = 0;
        double ff = 0;
        double ee = 0;
        for (int i = 0; i < e.length; i++) {
            product += (double) f[i] * e[i];
            ff += (double) f[i] * f[i];
            ee += (double) e[i] * e[i];
        }
        return product / Math.sqrt(ff * ee);
    }
}
