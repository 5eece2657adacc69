package dev.tenon.compression.quantize.weights;

/**
 * Second moments of the inputs x' that a layer of the compressed model gets, {@code H = sum of x' x'^T}, and those of
 * their errors, {@code D = sum of (x - x') x'^T} with the input x of the layer before compression. In double.
 */
final class PairedMoments {
    /** The rows that are added at once. */
    private static final int ROWS = 4;

    private final int terms;
    private final double[][] moments;

    /** Null if errors are not wanted. */
    private final double[][] errors;

    private final double[][] inputs;
    private final double[][] differences;
    private int buffered;

    PairedMoments(int terms, boolean hasErrors) {
        this.terms = terms;
        this.moments = new double[terms][terms];
        this.errors = hasErrors ? new double[terms][terms] : null;
        this.inputs = new double[ROWS][terms];
        this.differences = new double[ROWS][terms];
    }

    /**
     * Adds rows.
     *
     * @param found the rows that the compressed model computes, [rows, terms]
     * @param expected the rows that the model before compression computes
     */
    void add(float[] found, float[] expected) {
        for (int at = 0; at < found.length; at += terms) {
            for (int i = 0; i < terms; i++) {
                inputs[buffered][i] = found[at + i];
                differences[buffered][i] = expected[at + i] - (double) found[at + i];
            }
            if (++buffered == ROWS) {
                flush();
            }
        }
    }

    private void flush() {
        for (int row = buffered; row < ROWS; row++) {
            for (int i = 0; i < terms; i++) {
                inputs[row][i] = 0;
                differences[row][i] = 0;
            }
        }
        buffered = 0;
        for (int i = 0; i < terms; i++) {
            add(moments[i], i, inputs, i);
            if (errors != null) {
                add(errors[i], i, differences, 0);
            }
        }
    }

    /** Adds the products of column i of the factors with the columns of the inputs from a first one on. */
    private void add(double[] sum, int i, double[][] factors, int from) {
        double f0 = factors[0][i];
        double f1 = factors[1][i];
        double f2 = factors[2][i];
        double f3 = factors[3][i];
        double[] x0 = inputs[0];
        double[] x1 = inputs[1];
        double[] x2 = inputs[2];
        double[] x3 = inputs[3];
        for (int j = from; j < terms; j++) {
            sum[j] += f0 * x0[j] + f1 * x1[j] + f2 * x2[j] + f3 * x3[j];
        }
    }

    /** {@return H, [terms, terms], symmetric} */
    double[] moments() {
        flush();
        double[] h = new double[terms * terms];
        for (int i = 0; i < terms; i++) {
            for (int j = i; j < terms; j++) {
                h[i * terms + j] = moments[i][j];
                h[j * terms + i] = moments[i][j];
            }
        }
        return h;
    }

    /** {@return the rows of D, [terms, terms], or null if errors are not wanted} */
    double[][] errors() {
        flush();
        return errors;
    }
}
