package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.calibrate.GramMatrix;

/** Rounds the weights of a layer to integers. The scales are given: one for each output, and zero points of 0. */
public interface WeightRounding {
    /**
     * Rounds weights.
     *
     * @param layer the layer
     * @param matrix its weights, [outputs, terms]
     * @param scales the scale of each output, above 0
     * @param min the least integer
     * @param max the largest integer
     * @param gramOrNull the second moments of the layer's inputs, null if there are none
     * @return an integer in [min, max] for each weight, [outputs, terms]
     */
    int[] round(LinearLayer layer, float[] matrix, float[] scales, int min, int max, GramMatrix gramOrNull);

    /** {@return whether it needs second moments} */
    boolean needsGram();
}
