package dev.tenon.compression.prune;

import java.util.Arrays;

/** Rows of inputs and wanted outputs of a layer in memory, up to a limit. */
final class SampledRows {
    /** The most elements that are kept. */
    private static final long MOST = 24L << 20;

    private final int terms;
    private final int outputs;
    private float[] x = new float[0];
    private float[] y = new float[0];
    private boolean[] isHeldOut = new boolean[0];
    private int count;
    private boolean isTooMany;

    SampledRows(int terms, int outputs) {
        this.terms = terms;
        this.outputs = outputs;
    }

    /** Adds a row; the elements of y lie at from and each step after it. */
    void add(float[] row, float[] wanted, int from, int step, boolean heldOut) {
        if (isTooMany) {
            return;
        }
        if (count == isHeldOut.length) {
            int more = Math.max(256, 2 * count);
            if ((long) more * (terms + outputs) > 2 * MOST) {
                isTooMany = true;
                x = new float[0];
                y = new float[0];
                return;
            }
            x = Arrays.copyOf(x, more * terms);
            y = Arrays.copyOf(y, more * outputs);
            isHeldOut = Arrays.copyOf(isHeldOut, more);
        }
        System.arraycopy(row, 0, x, count * terms, terms);
        for (int o = 0; o < outputs; o++) {
            y[count * outputs + o] = wanted[from + o * step];
        }
        isHeldOut[count++] = heldOut;
    }

    /** {@return whether there were more rows than the limit, so that none are kept} */
    boolean isTooMany() {
        return isTooMany;
    }

    int count() {
        return count;
    }

    boolean isHeldOut(int row) {
        return isHeldOut[row];
    }

    /** The inputs of some rows in double, [to - from, terms]. */
    double[] x(int from, int to) {
        return range(x, from * terms, to * terms);
    }

    /** The wanted outputs of some rows in double, [to - from, outputs]. */
    double[] y(int from, int to) {
        return range(y, from * outputs, to * outputs);
    }

    private static double[] range(float[] of, int from, int to) {
        double[] range = new double[to - from];
        for (int i = 0; i < range.length; i++) {
            range[i] = of[from + i];
        }
        return range;
    }
}
