package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.calibrate.GramMatrix;

/** Rounds each weight to the nearest integer by itself, ties to even, as QuantizeLinear does. */
record NearestRounding() implements WeightRounding {
    @Override
    public boolean needsGram() {
        return false;
    }

    @Override
    public int[] round(LinearLayer layer, float[] matrix, float[] scales, int min, int max, GramMatrix gramOrNull) {
        int[] rounded = new int[matrix.length];
        int terms = layer.terms();
        for (int i = 0; i < matrix.length; i++) {
            float scale = scales.length == 1 ? scales[0] : scales[i / terms];
            rounded[i] = (int) Math.min(max, Math.max(min, Math.rint(matrix[i] / scale)));
        }
        return rounded;
    }
}
