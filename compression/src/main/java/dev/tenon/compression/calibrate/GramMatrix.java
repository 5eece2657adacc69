package dev.tenon.compression.calibrate;

import dev.tenon.compression.LinearLayer;
import dev.tenon.tensor.Tensor;

/**
 * The second moments of a layer's inputs, {@code H = sum of x x^T} over all rows x, in double. The squared error that a change
 * D of the weights makes in the outputs is {@code trace(D H D^T)}. A convolution has a matrix for each group.
 *
 * <p>Rows are summed in blocks of 64, so that a block of the matrix stays in the cache.
 */
public final class GramMatrix {
    private static final int ROWS = 64;
    private static final int COLUMNS = 256;

    private final LinearLayer layer;
    private final int terms;
    private final double[][] sums;
    private final float[][] buffers;
    private final int[] buffered;
    private long rows;

    /**
     * A matrix of no rows.
     *
     * @param layer the layer
     */
    public GramMatrix(LinearLayer layer) {
        this.layer = layer;
        this.terms = layer.terms();
        this.sums = new double[layer.groups()][Math.multiplyExact(terms, terms)];
        this.buffers = new float[layer.groups()][ROWS * terms];
        this.buffered = new int[layer.groups()];
    }

    /**
     * The bytes of the matrix of a layer.
     *
     * @param layer the layer
     * @return the bytes
     */
    public static long bytes(LinearLayer layer) {
        return (long) layer.groups() * layer.terms() * layer.terms() * Double.BYTES;
    }

    /**
     * Adds the rows of an input.
     *
     * @param input a value of the layer's input
     */
    public void add(Tensor input) {
        LayerInputs.visit(layer, input, (group, row) -> {
            System.arraycopy(row, 0, buffers[group], buffered[group] * terms, terms);
            rows += group == 0 ? 1 : 0;
            if (++buffered[group] == ROWS) {
                flush(group);
            }
        });
    }

    /** Adds the products of the buffered rows to the upper half. */
    private void flush(int group) {
        double[] h = sums[group];
        float[] x = buffers[group];
        int count = buffered[group];
        buffered[group] = 0;
        for (int from = 0; from < terms; from += COLUMNS) {
            int to = Math.min(terms, from + COLUMNS);
            for (int i = 0; i < to; i++) {
                for (int r = 0; r < count; r++) {
                    double xi = x[r * terms + i];
                    if (xi != 0) {
                        add(h, i * terms, xi, x, r * terms, Math.max(i, from), to);
                    }
                }
            }
        }
    }

    private static void add(double[] h, int at, double factor, float[] x, int row, int from, int to) {
        for (int j = from; j < to; j++) {
            h[at + j] += factor * x[row + j];
        }
    }

    /** {@return the number of rows of each group} */
    public long rows() {
        return rows;
    }

    /**
     * The matrix of a group.
     *
     * @param group the group of a convolution, otherwise 0
     * @return a copy, [terms, terms], symmetric
     */
    public double[] of(int group) {
        flush(group);
        double[] h = sums[group].clone();
        for (int i = 0; i < terms; i++) {
            for (int j = 0; j < i; j++) {
                h[i * terms + j] = h[j * terms + i];
            }
        }
        return h;
    }
}
