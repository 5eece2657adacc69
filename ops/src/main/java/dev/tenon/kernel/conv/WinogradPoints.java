package dev.tenon.kernel.conv;

import dev.tenon.tensor.Tensor;

/**
 * The points of interpolation of the minimal filtering of Winograd with windows of 3 x 3 (Lavin and Gray, Fast Algorithms
 * for Convolutional Neural Networks, 2015): 0, 1, -1 and infinity for tiles of 2 x 2 elements of the output, and 0, 3/4,
 * -3/4, 3/2, -3/2 and infinity for tiles of 4 x 4, which are exact and keep the transforms well conditioned.
 *
 * <p>The result {@code A' ((G w G') * (B' d B)) A} is the convolution's only where nothing is rounded: products that cancel
 * in it carry errors of all elements of a tile, so that an error is relative to the largest of them, not to what the
 * result's own window sees. Let the magnitude of a tile be the sum, over the input's channels, of the largest absolute value
 * among the (t + 2) x (t + 2) elements that the tile of t x t results sees times the sum of the absolute values of the
 * channel's weights. With the largest element {@code g} of each row of |G| and the sum {@code b} of each of |B'|, an element
 * of the products is at most g g' b b' of its term of that magnitude, and the result's errors add up, as in Barabasz,
 * Anderson, Soodhalter and Gregg, Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks
 * (2020), to at most
 *
 * <pre>  (c + 13) * 2^-24 * k * magnitude</pre>
 *
 * for c channels, 13 being the roundings of the transforms, of the weights and of a bias, and k the square of the largest
 * element of |A'| (g b): 16 for tiles of 2, 238 for tiles of 4. That is for errors that all point one way. They do not, and
 * {@link #TERMS} is what they come to, also with weights of which all but one tap are small: twice what Conv allows for sums
 * of its own terms. Where the operands are of like magnitude, half of what it allows is not exceeded.
 *
 * <p>With tiles of 2 a result depends on nothing that its window does not see. With tiles of 4 it does: an element that is
 * infinite or NaN may make NaN of all results of the tiles that see it, and so may a magnitude of a tile above 1/k of the
 * greatest number. Other tiles know nothing of it.
 *
 * <p>Sums of whole numbers, which the direct kernels compute exactly below 2<sup>24</sup>, are not exact by way of the
 * transforms; so weights that are whole numbers stay as they are.
 */
public final class WinogradPoints {
    /** What a result may err: units of 2<sup>-23</sup> of the magnitude of its tile. */
    public static final double TERMS = 32;

    /** The points other than 0 and infinity of tiles of 4 are this, its negative, and twice both. */
    public static final double POINT = 0.75;

    /** The rows of a window. */
    static final int KERNEL = 3;

    /** The elements of a window. */
    static final int TAPS = KERNEL * KERNEL;

    private static final WinogradPoints TWO = new WinogradPoints(1);
    private static final WinogradPoints FOUR = new WinogradPoints(POINT, 2 * POINT);

    /** The matrix that kernels are multiplied with from both sides. */
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
     * The points of a size of tiles.
     *
     * @param tile the rows of a tile of the output, 2 or 4
     * @return the points
     */
    static WinogradPoints of(int tile) {
        return tile == 2 ? TWO : FOUR;
    }

    /**
     * Whether weights may be transformed. Those of which all are whole numbers may not: quantised operators multiply
     * them with whole numbers, and need the sums without an error.
     *
     * @param w weights of float32
     * @return false if all of them are whole numbers
     */
    static boolean admits(Tensor w) {
        for (long i = 0; i < w.size(); i++) {
            float weight = w.getFloat(i);
            if (weight != Math.rint(weight)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The elements of a transformed kernel.
     *
     * @return the square of the rows of a tile of the input
     */
    int elements() {
        return g.length * g.length;
    }

    /**
     * Transforms a kernel of 3 x 3 weights.
     *
     * @param w weights
     * @param at the index of the kernel's first one
     * @param u the transformed kernel, {@link #elements} numbers
     */
    void transform(float[] w, int at, double[] u) {
        int n = g.length;
        for (int i = 0; i < n; i++) {
            double x = 0;
            double y = 0;
            double z = 0;
            for (int k = 0; k < KERNEL; k++) {
                x += g[i][k] * w[at + k * KERNEL];
                y += g[i][k] * w[at + k * KERNEL + 1];
                z += g[i][k] * w[at + k * KERNEL + 2];
            }
            for (int j = 0; j < n; j++) {
                u[i * n + j] = x * g[j][0] + y * g[j][1] + z * g[j][2];
            }
        }
    }
}
