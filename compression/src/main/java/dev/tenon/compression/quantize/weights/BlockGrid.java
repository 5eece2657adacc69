package dev.tenon.compression.quantize.weights;

/**
 * The values that the codes 0 to 15 of a block stand for: {@code (code - zero) * scale}, in float32.
 *
 * @param scale the distance between values, not 0; it may be negative, which turns the codes around
 * @param zero the code of 0, in [0, 15]; not always an integer
 */
record BlockGrid(float scale, float zero) {
    static final int MOST = 15;

    /** The zero point of symmetric codes. */
    static final int MIDDLE = 8;

    /** The values for a block of zeros. */
    static final BlockGrid NONE = new BlockGrid(1, MIDDLE);

    /** {@return the code whose value is nearest} */
    int code(double weight) {
        return clamped(Math.rint(weight / scale + zero));
    }

    /** {@return the value of a code} */
    float value(int code) {
        return (code - zero) * scale;
    }

    static boolean areZeros(double[] w, int from, int to) {
        for (int i = from; i < to; i++) {
            if (w[i] != 0) {
                return false;
            }
        }
        return true;
    }

    static int clamped(double code) {
        return (int) Math.max(0, Math.min(MOST, code));
    }

    /**
     * The values that reach from the least to the largest weight of a block.
     *
     * @param w weights
     * @param from the first weight of the block
     * @param to the weight after the last one
     * @param isSymmetric whether the zero point is 8. The weight of the largest magnitude then has code 0
     * @return the values
     */
    static BlockGrid ofRange(double[] w, int from, int to, boolean isSymmetric) {
        double min = 0;
        double max = 0;
        for (int i = from; i < to; i++) {
            min = Math.min(min, w[i]);
            max = Math.max(max, w[i]);
        }
        if (isSymmetric) {
            float scale = (float) ((max > -min ? max : min) / -MIDDLE);
            return scale == 0 ? NONE : new BlockGrid(scale, MIDDLE);
        }
        float scale = (float) ((max - min) / MOST);
        return scale == 0 ? NONE : new BlockGrid(scale, clamped(Math.rint(-min / scale)));
    }
}
