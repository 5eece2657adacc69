package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;
import java.util.Arrays;

/**
 * Sums over rows x of the inputs of a layer, and over the outputs y that are wanted for them. They determine the weights and
 * the bias with the least squared error. Rows are added in blocks, so that a block of the matrix stays in the cache.
 */
final class LeastSquaresSums {
    private static final int BLOCK = 64;

    private final int terms;
    private final int outputs;

    /** The upper half of the sum of x x^T. */
    private final double[] xx;

    private final double[] yx;
    private final double[] x;
    private final double[] y;
    private final double[] rowsX;
    private final double[] rowsY;
    private double yy;
    private long rows;
    private int buffered;

    /**
     * Sums of no rows.
     *
     * @param terms the elements of x
     * @param outputs the elements of y, 0 if only inputs count
     */
    LeastSquaresSums(int terms, int outputs) {
        this.terms = terms;
        this.outputs = outputs;
        this.xx = new double[Math.multiplyExact(terms, terms)];
        this.yx = new double[Math.multiplyExact(outputs, terms)];
        this.x = new double[terms];
        this.y = new double[outputs];
        this.rowsX = new double[BLOCK * terms];
        this.rowsY = new double[BLOCK * outputs];
    }

    /** The sums of the rows of two others. */
    static LeastSquaresSums sum(LeastSquaresSums a, LeastSquaresSums b) {
        LeastSquaresSums sum = new LeastSquaresSums(a.terms, a.outputs);
        for (LeastSquaresSums part : new LeastSquaresSums[] {a, b}) {
            part.flush();
            addTo(sum.xx, part.xx);
            addTo(sum.yx, part.yx);
            addTo(sum.x, part.x);
            addTo(sum.y, part.y);
            sum.yy += part.yy;
            sum.rows += part.rows;
        }
        return sum;
    }

    private static void addTo(double[] to, double[] from) {
        for (int i = 0; i < to.length; i++) {
            to[i] += from[i];
        }
    }

    /**
     * Adds a row.
     *
     * @param row the elements of x
     * @param wanted an array that holds the elements of y, or null if only inputs count
     * @param from the place of the first element of y
     * @param step the distance of neighbouring elements of y
     */
    void add(float[] row, float[] wanted, int from, int step) {
        for (int i = 0; i < terms; i++) {
            rowsX[buffered * terms + i] = row[i];
        }
        for (int o = 0; o < outputs; o++) {
            rowsY[buffered * outputs + o] = wanted[from + o * step];
        }
        rows++;
        if (++buffered == BLOCK) {
            flush();
        }
    }

    private void flush() {
        int count = buffered;
        buffered = 0;
        if (count == 0) {
            return;
        }
        // Rows of zeros fill the last block, so that rows go by fours.
        int full = (count + 3) / 4 * 4;
        Arrays.fill(rowsX, count * terms, full * terms, 0);
        Arrays.fill(rowsY, count * outputs, full * outputs, 0);
        for (int r = 0; r < count; r++) {
            for (int i = 0; i < terms; i++) {
                x[i] += rowsX[r * terms + i];
            }
            for (int o = 0; o < outputs; o++) {
                double value = rowsY[r * outputs + o];
                y[o] += value;
                yy += value * value;
            }
        }
        for (int i = 0; i < terms; i++) {
            for (int r = 0; r < full; r += 4) {
                multiply(xx, i * terms, rowsX, r * terms + i, terms, r * terms, i);
            }
        }
        for (int o = 0; o < outputs; o++) {
            for (int r = 0; r < full; r += 4) {
                multiply(yx, o * terms, rowsY, r * outputs + o, outputs, r * terms, 0);
            }
        }
    }

    /** Adds the products of an element of four rows with the elements of the four rows of x. */
    private void multiply(double[] to, int at, double[] factors, int f, int step, int row, int from) {
        double a = factors[f];
        double b = factors[f + step];
        double c = factors[f + 2 * step];
        double d = factors[f + 3 * step];
        if (a == 0 && b == 0 && c == 0 && d == 0) {
            return;
        }
        fourRows(to, at, rowsX, row, from, a, b, c, d);
    }

    private void fourRows(
            double[] to, int at, double[] rowsOfX, int row, int from, double a, double b, double c, double d) {
        int r1 = row + terms;
        int r2 = r1 + terms;
        int r3 = r2 + terms;
        for (int j = from; j < terms; j++) {
            to[at + j] += a * rowsOfX[row + j] + b * rowsOfX[r1 + j] + c * rowsOfX[r2 + j] + d * rowsOfX[r3 + j];
        }
    }

    int terms() {
        return terms;
    }

    int outputs() {
        return outputs;
    }

    /** {@return the number of rows} */
    long rows() {
        return rows;
    }

    /**
     * The second moments of x.
     *
     * @param isCentred whether they are taken about the mean
     * @return a symmetric matrix, [terms, terms]
     */
    double[] xx(boolean isCentred) {
        flush();
        double[] full = xx.clone();
        for (int i = 0; i < terms; i++) {
            for (int j = i; j < terms; j++) {
                double value = full[i * terms + j] - (isCentred ? x[i] * x[j] / Math.max(1, rows) : 0);
                full[i * terms + j] = value;
                full[j * terms + i] = value;
            }
        }
        return full;
    }

    /**
     * The products of y and x.
     *
     * @param isCentred whether they are taken about the means
     * @return a matrix, [outputs, terms]
     */
    double[] yx(boolean isCentred) {
        flush();
        double[] full = yx.clone();
        if (isCentred) {
            for (int o = 0; o < outputs; o++) {
                for (int j = 0; j < terms; j++) {
                    full[o * terms + j] -= y[o] * x[j] / Math.max(1, rows);
                }
            }
        }
        return full;
    }

    /** {@return the mean of each element of x} */
    double[] meanX() {
        flush();
        return mean(x);
    }

    /** {@return the mean of each element of y} */
    double[] meanY() {
        flush();
        return mean(y);
    }

    private double[] mean(double[] sums) {
        double[] mean = sums.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= Math.max(1, rows);
        }
        return mean;
    }

    /**
     * The sum of the squares of y.
     *
     * @param isCentred whether they are taken about the mean
     * @return the sum
     */
    double yy(boolean isCentred) {
        flush();
        return isCentred ? yy - Dense.dot(y, y) / Math.max(1, rows) : yy;
    }

    /**
     * The squared error of weights, {@code sum of (y - W x - b)^2}.
     *
     * @param weights the weights, [outputs, terms]
     * @param isCentred whether there is a bias, which then is the best one
     * @return the error, at least 0
     */
    double error(double[] weights, boolean isCentred) {
        double[] product = Dense.product(weights, xx(isCentred), outputs, terms, terms);
        double error = yy(isCentred) - 2 * Dense.dot(weights, yx(isCentred)) + Dense.dot(weights, product);
        return Math.max(0, error);
    }
}
