package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.calibrate.GramMatrix;

/**
 * A way to choose the integers that stand for the weights of a layer, once their scales are known. Stateless: the same
 * arguments give the same integers.
 */
public interface WeightRounding {
    /** {@return whether {@link #round} needs the second moments of the layer's inputs} */
    boolean needsGram();

    /**
     * Chooses the integers. Weight {@code [o, t]} becomes {@code result[o, t] * scale of o}; the zero point is 0.
     *
     * @param layer the layer, for its groups and its name
     * @param matrix the weights, [outputs, terms]; not changed
     * @param scales the scale of each output, or a single one for all; each is finite and positive
     * @param min the least integer allowed, at most 0
     * @param max the largest integer allowed, above 0
     * @param gramOrNull the second moments of the layer's inputs; null if {@link #needsGram} is false, or there are no samples
     * @return the integers, [outputs, terms], each in [min, max]
     */
    int[] round(LinearLayer layer, float[] matrix, float[] scales, int min, int max, GramMatrix gramOrNull);

    /**
     * The nearest integer to each weight; ties to even.
     *
     * @return the rounding, which needs no second moments
     */
    static WeightRounding nearest() {
        return new NearestRounding();
    }
}
