package dev.tenon.generation.sample;

/**
 * The weights of tokens: {@code exp((logit - max) / temperature)}, in double, with an error of a few units in the last place.
 *
 * <p>The exponential is {@code 2^n * e^r} with {@code |r| <= ln 2 / 2}: {@code n ln 2} is taken away in two parts (Cody and Waite,
 * 1980), {@code e^r} is its Taylor polynomial of degree 13, whose rest is below 2^-57. The loops have no branches and
 * do one thing each, so that the compiler can use vectors; additions and products are rounded one by one, so that it can't change a bit.
 */
final class Weights {
    /** The most tokens whose weights are computed at a time. */
    static final int BLOCK = 512;

    /** Below it, a weight is 0: the factor 2^n has the bits of 0 at n = -1023. */
    private static final double LEAST = -709.2;

    /** Adding it rounds to a whole number, which the low bits of the sum hold. */
    private static final double ROUND = 0x1.8p52;

    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN2_HIGH = 0x1.62e42feep-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

    private final double[] block = new double[BLOCK];
    private final double[] exponents = new double[BLOCK];
    private final float[] one = new float[1];
    private double max;
    private double scale;

    /**
     * Sets the distribution.
     *
     * @param largest the largest logit, finite
     * @param temperature what differences are divided by, more than 0
     */
    void set(float largest, double temperature) {
        max = largest;
        scale = Math.min(1 / temperature, Double.MAX_VALUE);
    }

    /** {@return the logarithm of the weight of a logit} */
    double exponent(float logit) {
        return (logit - max) * scale;
    }

    /**
     * Computes weights.
     *
     * @param logits holds the logits, none NaN, none above the largest
     * @param from the index of the first logit
     * @param count how many, at most {@link #BLOCK}
     * @return the weights; they change with the next call
     */
    double[] of(float[] logits, int from, int count) {
        double m = max;
        double f = scale;
        double[] x = exponents;
        double[] weights = block;
        for (int i = 0; i < count; i++) {
            x[i] = logits[from + i];
        }
        for (int i = 0; i < count; i++) {
            x[i] = Math.max((x[i] - m) * f, LEAST);
        }
        for (int i = 0; i < count; i++) {
            double shifted = x[i] * LOG2_E + ROUND;
            double n = shifted - ROUND;
            weights[i] = taylor(x[i] - n * LN2_HIGH - n * LN2_LOW);
            x[i] = shifted;
        }
        for (int i = 0; i < count; i++) {
            weights[i] *= Double.longBitsToDouble((Double.doubleToRawLongBits(x[i]) + 1023) << 52);
        }
        return weights;
    }

    private static double taylor(double r) {
        double p = 1.0 / 6227020800.0;
        p = p * r + 1.0 / 479001600.0;
        p = p * r + 1.0 / 39916800.0;
        p = p * r + 1.0 / 3628800.0;
        p = p * r + 1.0 / 362880.0;
        p = p * r + 1.0 / 40320.0;
        p = p * r + 1.0 / 5040.0;
        p = p * r + 1.0 / 720.0;
        p = p * r + 1.0 / 120.0;
        p = p * r + 1.0 / 24.0;
        p = p * r + 1.0 / 6.0;
        p = p * r + 0.5;
        p = p * r + 1.0;
        return p * r + 1.0;
    }

    /** The weight of one logit. */
    double of(float logit) {
        one[0] = logit;
        return of(one, 0, 1)[0];
    }

    /**
     * The sum of weights.
     *
     * @param logits holds the logits
     * @param from the index of the first logit
     * @param count how many, at most {@link #BLOCK}
     */
    double sum(float[] logits, int from, int count) {
        double[] w = of(logits, from, count);
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a += w[i];
            b += w[i + 1];
            c += w[i + 2];
            d += w[i + 3];
        }
        for (; i < count; i++) {
            a += w[i];
        }
        return (a + b) + (c + d);
    }
}
