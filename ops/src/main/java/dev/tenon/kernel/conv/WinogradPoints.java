package dev.tenon.kernel.conv;

import dev.tenon.tensor.Tensor;

/**
 * The interpolation points of Winograd's minimal filtering for 3 x 3 windows (Lavin and Gray, Fast Algorithms for
 * Convolutional Neural Networks, 2015): 0, 1, -1 and infinity for output tiles of 2 x 2; 0, 3/4, -3/4, 3/2, -3/2 and
 * infinity for output tiles of 4 x 4. These are exact in float32 and keep the transforms well conditioned.
 *
 * <p>The result {@code A' ((G w G') * (B' d B)) A} equals the convolution only in exact arithmetic. Products that
 * cancel carry rounding errors from all elements of a tile, so an error is relative to the largest element of the tile,
 * not to what the result's own window reads. Let the magnitude of a tile be a sum over the input channels: the largest
 * absolute value among the (t + 2) x (t + 2) elements that the tile of t x t results reads, times the sum of the
 * absolute values of the channel's weights. With the largest element {@code g} of each row of |G| and the sum {@code b}
 * of each row of |B'|, an element of the products is at most g g' b b' times its term of that magnitude. The errors of
 * the result then add up (Barabasz, Anderson, Soodhalter and Gregg, Error Analysis and Improving the Accuracy of
 * Winograd Convolution for Deep Neural Networks, 2020) to at most
 *
 * <pre>  (c + 13) * 2^-24 * k * magnitude</pre>
 * for c channels. 13 counts the roundings of the transforms, of the weights and of a bias; k is the square of the
 * largest element of |A'| (g b): 16 for tiles of 2, 238 for tiles of 4. This bound assumes that all errors have the
 * same sign. They do not; {@link #ERROR_UNITS} bounds the errors that occur, even if all weights but one tap are small.
 * It is twice the error that Conv allows for sums of its own terms. Operands of like magnitude stay below half of what
 * Conv allows.
 *
 * <p>With tiles of 2 a result depends only on the elements of its own window. With tiles of 4 it depends on the whole
 * tile: one element that is infinite or NaN may make all results of the tiles that read it NaN, and so may a magnitude
 * above 1/k of the largest float32. Other tiles are not affected.
 *
 * <p>Direct kernels compute sums of whole numbers below 2<sup>24</sup> exactly; the transforms do not. So weights that
 * are all whole numbers are not transformed.
 */
public final class WinogradPoints {
    /** The error bound of a result, in units of 2<sup>-23</sup> of the magnitude of its tile. */
    public static final double ERROR_UNITS = 32;

    /**
     * For tiles of 4 the points other than 0 and infinity are this number, twice this number, and the negatives of
     * both.
     */
    public static final double POINT = 0.75;

    /** The rows of a window. */
    static final int SIDE = 3;

    /** The elements of a window. */
    static final int TAPS = SIDE * SIDE;

    private static final WinogradPoints TWO = new WinogradPoints(1);
    private static final WinogradPoints FOUR = new WinogradPoints(POINT, 2 * POINT);

    /** The matrix G, which kernels are multiplied by from both sides. */
    private final double[][] g;

    private WinogradPoints(double... positive) {
        double[] points = new double[2 * positive.length + 1];
        for (int i = 0; i < positive.length; i++) {
            points[2 * i + 1] = positive[i];
            points[2 * i + 2] = -positive[i];
        }
        g = new double[points.length + 1][];
        for (int i = 0; i < points.length; i++) {
            double n = 1;
            for (int j = 0; j < points.length; j++) {
                n *= j == i ? 1 : points[i] - points[j];
            }
            g[i] = new double[] {1 / n, points[i] / n, points[i] * points[i] / n};
        }
        g[points.length] = new double[] {0, 0, 1};
    }

    /**
     * The points for a tile size.
     *
     * @param tile the rows of an output tile, 2 or 4
     * @return the points
     */
    static WinogradPoints of(int tile) {
        return tile == 2 ? TWO : FOUR;
    }

    /**
     * Whether weights may be transformed. Weights that are all whole numbers may not: quantised operators multiply them
     * with whole numbers, and need exact sums.
     *
     * @param w float32 weights
     * @return false if all weights are whole numbers
     */
    static boolean isTransformable(Tensor w) {
        for (long i = 0; i < w.size(); i++) {
            float weight = w.getFloat(i);
            if (weight != Math.rint(weight)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The number of elements of a transformed kernel.
     *
     * @return the square of the rows of an input tile
     */
    int elements() {
        return g.length * g.length;
    }

    /**
     * Transforms a kernel of 3 x 3 weights.
     *
     * @param w weights
     * @param at the index of the kernel's first weight
     * @param u receives the {@link #elements} numbers of the transformed kernel
     */
    void transform(float[] w, int at, double[] u) {
        int n = g.length;
        for (int i = 0; i < n; i++) {
            double x = 0;
            double y = 0;
            double z = 0;
            for (int k = 0; k < SIDE; k++) {
                x += g[i][k] * w[at + k * SIDE];
                y += g[i][k] * w[at + k * SIDE + 1];
                z += g[i][k] * w[at + k * SIDE + 2];
            }
            for (int j = 0; j < n; j++) {
                u[i * n + j] = x * g[j][0] + y * g[j][1] + z * g[j][2];
            }
        }
    }
}
