package dev.tenon.boosting;

import dev.tenon.Model;
import dev.tenon.graph.Node;
import dev.tenon.op.Attributes;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A table to train on, and rows that lie where predictions may go wrong. */
final class SampleTable {
    static final int COLUMNS = 6;

    /** The columns that hold categories, if a table has any. */
    static final int FIRST_CATEGORY = 4;

    static final int CATEGORIES = 40;
    private static final int MOST_THRESHOLDS = 150;

    final int rows;
    final float[] cells;
    final boolean categorical;

    SampleTable(RandomGenerator random, int rows, boolean categorical, double missing, double zeros) {
        this.rows = rows;
        this.categorical = categorical;
        cells = new float[rows * COLUMNS];
        for (int i = 0; i < cells.length; i++) {
            boolean category = categorical && i % COLUMNS >= FIRST_CATEGORY;
            float x = category ? random.nextInt(CATEGORIES) : (float) random.nextGaussian();
            x = !category && random.nextDouble() < zeros ? 0 : x;
            cells[i] = random.nextDouble() < missing ? Float.NaN : x;
        }
    }

    private float cell(int row, int column) {
        float x = cells[row * COLUMNS + column];
        return Float.isNaN(x) ? 0.3f : x;
    }

    /** A number that depends on the columns. */
    double signal(int row) {
        double s = cell(row, 0) + cell(row, 1) * cell(row, 2) - Math.abs(cell(row, 3));
        return s + (categorical ? cell(row, 4) * 7 % 5 - 2 + cell(row, 5) % 3 : cell(row, 4) - cell(row, 5));
    }

    /** Labels for a number of classes, from 0. */
    float[] classes(int n) {
        float[] y = new float[rows];
        for (int r = 0; r < rows; r++) {
            y[r] = Math.floorMod((int) Math.floor(signal(r)), n);
        }
        return y;
    }

    float[] numbers() {
        float[] y = new float[rows];
        for (int r = 0; r < rows; r++) {
            y[r] = (float) signal(r);
        }
        return y;
    }

    /** Positive whole numbers. */
    float[] counts() {
        float[] y = new float[rows];
        for (int r = 0; r < rows; r++) {
            y[r] = (float) Math.ceil(Math.abs(signal(r))) + 1;
        }
        return y;
    }

    /** Numbers from 0 to 1. */
    float[] shares() {
        float[] y = new float[rows];
        for (int r = 0; r < rows; r++) {
            y[r] = (float) (1 / (1 + Math.exp(-signal(r))));
        }
        return y;
    }

    /** The feature and the value of the tests in a model, at most some hundred, spread over all. */
    private static List<double[]> thresholds(Model model) {
        List<double[]> all = new ArrayList<>();
        for (Node node : model.graph().nodes()) {
            Attributes a = node.op().attributes();
            if (node.op() instanceof TreeEnsemble) {
                Tensor splits = a.tensor("nodes_splits").orElseThrow();
                List<Long> features = a.integers("nodes_featureids", List.of());
                for (int i = 0; i < features.size(); i++) {
                    all.add(new double[] {features.get(i), splits.getDouble(i)});
                }
            } else if (node.op() instanceof TreeEnsembleRegressor) {
                List<Long> features = a.integers("nodes_featureids", List.of());
                List<Float> values = a.reals("nodes_values", List.of());
                for (int i = 0; i < features.size(); i++) {
                    all.add(new double[] {features.get(i), values.get(i)});
                }
            }
        }
        int step = Math.max(1, all.size() / MOST_THRESHOLDS);
        List<double[]> some = new ArrayList<>();
        for (int i = 0; i < all.size(); i += step) {
            some.add(all.get(i));
        }
        return some;
    }

    /** Rows to predict as floats: like the trained ones, at every threshold and beside it, and special values. */
    float[] probes(RandomGenerator random, Model model, boolean infinities) {
        List<float[]> all = new ArrayList<>();
        for (int r = 0; r < Math.min(rows, 150); r++) {
            all.add(row(r));
        }
        for (double[] t : thresholds(model)) {
            float at = (float) t[1];
            for (float x : new float[] {at, Math.nextUp(at), Math.nextDown(at)}) {
                float[] row = row(random.nextInt(rows));
                row[(int) t[0]] = categorical && t[0] >= FIRST_CATEGORY ? random.nextInt(2 * CATEGORIES) : x;
                all.add(row);
            }
        }
        List<Float> special = new ArrayList<>(List.of(
                Float.NaN,
                0f,
                -0f,
                Float.MIN_VALUE,
                -Float.MIN_VALUE,
                1e-35f,
                -1e-35f,
                Math.nextUp(1e-35f),
                3e38f,
                -3e38f));
        if (infinities) {
            special.add(Float.POSITIVE_INFINITY);
            special.add(Float.NEGATIVE_INFINITY);
        }
        for (int c = 0; c < COLUMNS; c++) {
            for (float x : special) {
                boolean category = categorical && c >= FIRST_CATEGORY;
                float[] row = row(random.nextInt(rows));
                row[c] = x;
                if (!category || Float.isNaN(x) || x == 0) {
                    all.add(row);
                }
            }
            for (float x : new float[] {CATEGORIES, CATEGORIES + 1, 63, 64, 1000, 100_000, 16_777_215}) {
                float[] row = row(random.nextInt(rows));
                row[c] = x;
                all.add(row);
            }
        }
        float[] cells = new float[all.size() * COLUMNS];
        for (int r = 0; r < all.size(); r++) {
            System.arraycopy(all.get(r), 0, cells, r * COLUMNS, COLUMNS);
        }
        return cells;
    }

    private float[] row(int r) {
        float[] row = new float[COLUMNS];
        System.arraycopy(cells, r * COLUMNS, row, 0, COLUMNS);
        return row;
    }

    /** The same rows as doubles, and rows with doubles at every threshold and beside it. */
    double[] doubleProbes(RandomGenerator random, Model model) {
        float[] floats = probes(random, model, true);
        List<double[]> thresholds = thresholds(model);
        double[] all = new double[floats.length + 3 * thresholds.size() * COLUMNS];
        for (int i = 0; i < floats.length; i++) {
            all[i] = floats[i];
        }
        int at = floats.length;
        for (double[] t : thresholds) {
            for (double x : new double[] {t[1], Math.nextUp(t[1]), Math.nextDown(t[1])}) {
                float[] row = row(random.nextInt(rows));
                for (int c = 0; c < COLUMNS; c++) {
                    all[at + c] = row[c];
                }
                if (!(categorical && t[0] >= FIRST_CATEGORY)) {
                    all[at + (int) t[0]] = x;
                }
                at += COLUMNS;
            }
        }
        return all;
    }
}
