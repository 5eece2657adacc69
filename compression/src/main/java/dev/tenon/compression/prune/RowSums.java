package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.calibrate.LayerInputs;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums up the inputs of one layer, and the outputs that are wanted of it, over calls. Every fourth sample is held out, for a
 * choice that has to be judged on samples of its own. A convolution has many windows for each sample: a part of them is
 * taken, by a hash of their place, so that the work is bounded.
 */
final class RowSums {
    private static final int HELD_OUT = 4;

    /** The least number of rows that are taken if there are as many. */
    private static final long ROWS = 16384;

    /** The rows that are taken for each term. */
    private static final long ROWS_OF_TERM = 16;

    private final LinearLayer layer;
    private final List<LeastSquaresSums> fitted = new ArrayList<>();
    private final List<LeastSquaresSums> heldOut = new ArrayList<>();
    private final long seed;
    private final long samples;
    private final int outputs;

    /** The operator after the layer, and the rows of each group for it; null if nothing of the kind follows. */
    private final Saturation saturation;

    private final List<SampledRows> rows = new ArrayList<>();
    private double share = -1;
    private long sample;

    /**
     * Sums of no calls.
     *
     * @param layer the layer
     * @param hasOutputs whether outputs are wanted
     * @param samples the number of samples of all calls
     * @param seed tells which windows are taken
     * @param saturation what follows the layer, null if it is of no account; otherwise rows are kept for it
     */
    RowSums(LinearLayer layer, boolean hasOutputs, long samples, long seed, Saturation saturation) {
        this.layer = layer;
        this.samples = Math.max(1, samples);
        this.seed = seed;
        this.outputs = hasOutputs ? layer.outputs() / layer.groups() : 0;
        for (int g = 0; g < layer.groups(); g++) {
            fitted.add(new LeastSquaresSums(layer.terms(), outputs));
            heldOut.add(new LeastSquaresSums(layer.terms(), outputs));
            rows.add(saturation == null ? null : new SampledRows(layer.terms(), outputs));
        }
        this.saturation = saturation;
    }

    LinearLayer layer() {
        return layer;
    }

    /** The rows of the samples that are not held out. */
    LeastSquaresSums fitted(int group) {
        return fitted.get(group);
    }

    /** The rows of the samples that are held out. */
    LeastSquaresSums heldOut(int group) {
        return heldOut.get(group);
    }

    /** The operator that follows the layer, or null. */
    Saturation saturation() {
        return saturation;
    }

    /** The rows themselves, for what follows the layer; null if they are not kept. */
    SampledRows rows(int group) {
        SampledRows of = rows.get(group);
        return of == null || of.isTooMany() ? null : of;
    }

    /** The sums of all rows. */
    LeastSquaresSums all(int group) {
        return LeastSquaresSums.sum(fitted.get(group), heldOut.get(group));
    }

    /**
     * Adds the rows of a call.
     *
     * @param input the input of the layer
     * @param wanted the output that is wanted, null if none is
     */
    void add(Tensor input, Tensor wanted) {
        if (layer.node().op() instanceof Conv) {
            for (long image = 0; image < input.dim(0); image++) {
                addWindows(input.slice(image, image + 1), wanted == null ? null : wanted.slice(image, image + 1));
                sample++;
            }
            return;
        }
        float[] y = wanted == null ? null : wanted.toFloatArray();
        int width = layer.outputs();
        long rows = input.size() / layer.terms();
        long rowsOfSample = input.rank() > 2 ? Math.max(1, rows / Math.max(1, input.dim(0))) : 1;
        long first = sample;
        int[] row = {0};
        double taken = share(Math.max(1, rowsOfSample));
        LayerInputs.visit(layer, input, (group, x) -> {
            int r = row[0]++;
            long of = first + r / rowsOfSample;
            if (isTaken(of, r % rowsOfSample, taken)) {
                add(group, of, x, y, r * width, 1);
            }
        });
        sample += Math.max(1, rows / rowsOfSample);
    }

    private void addWindows(Tensor image, Tensor wanted) {
        float[] y = wanted == null ? null : wanted.toFloatArray();
        int windows = wanted == null ? 0 : Math.toIntExact(wanted.size() / layer.outputs());
        double taken = share(windows(image));
        int[] window = new int[layer.groups()];
        LayerInputs.visit(layer, image, (group, x) -> {
            int w = window[group]++;
            if (isTaken(sample, w, taken)) {
                add(group, sample, x, y, group * outputs * windows + w, windows);
            }
        });
    }

    /** About as many windows as the image has pixels. */
    private static long windows(Tensor image) {
        return Math.max(1, image.size() / Math.max(1, image.dim(1)));
    }

    private void add(int group, long of, float[] x, float[] y, int from, int step) {
        boolean isHeldOut = of % HELD_OUT == HELD_OUT - 1;
        (isHeldOut ? heldOut : fitted).get(group).add(x, y, from, step);
        if (rows.get(group) != null) {
            rows.get(group).add(x, y, from, step, isHeldOut);
        }
    }

    private double share(long rowsOfSample) {
        if (share < 0) {
            long most = Math.max(ROWS, ROWS_OF_TERM * layer.terms());
            share = Math.min(1, (double) most / ((double) rowsOfSample * samples));
        }
        return share;
    }

    private boolean isTaken(long of, long row, double taken) {
        if (taken >= 1) {
            return true;
        }
        long h = seed + of * 0x9E3779B97F4A7C15L + row * 0xD1B54A32D192ED03L;
        h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
        h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
        return ((h ^ (h >>> 31)) >>> 11) * 0x1.0p-53 < taken;
    }
}
