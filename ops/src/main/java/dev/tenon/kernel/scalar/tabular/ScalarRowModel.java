package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.RowModelProblem;
import dev.tenon.op.tabular.model.RowModel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Linear models and support vector machines: row by row the products with all vectors, or the distances from them, feature
 * by feature, so that the loop over the vectors is one that the compiler makes vector instructions of.
 */
public final class ScalarRowModel implements Kernel {
    private static final long PART_ELEMENTS = 1 << 15;
    private static final int SLOTS = 16;
    private static final int SIDE = 4;

    /** What a run works in. */
    private static final class Stage {
        private final double[] row;
        private final double[] products;
        private final double[] work;
        private final double[] results;

        Stage(RowModel model) {
            row = new double[model.features()];
            products = new double[model.vectors()];
            work = new double[model.workSize()];
            results = new double[model.results()];
        }
    }

    private final RowModelProblem p;
    private final RowPartition split;
    private final int features;
    private final int vectors;

    /** The components of the vectors, feature by feature. */
    private final double[] components;

    private final AtomicReferenceArray<Stage> stages = new AtomicReferenceArray<>(SLOTS);

    /**
     * A kernel.
     *
     * @param p the model and the rows; operands are the rows, then the labels if the operator has them, then the results
     */
    public ScalarRowModel(RowModelProblem p) {
        this.p = p;
        this.features = p.model().features();
        this.vectors = p.model().vectors();
        this.components = new double[features * vectors];
        for (int f = 0; f < features; f++) {
            for (int v = 0; v < vectors; v++) {
                components[f * vectors + v] = p.model().component(v, f);
            }
        }
        this.split = RowPartition.of(p.rows(), (long) features * vectors, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "row_model_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * ((long) features * vectors / 2 + 50);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Stage stage = take();
        int results = p.labelled() ? 2 : 1;
        long last = split.start(to);
        for (long r = split.start(from); r < last; r++) {
            for (int f = 0; f < features; f++) {
                stage.row[f] = TreeRows.number(operands[0], p.x(), r * features + f);
            }
            if (vectors == 1 && !p.model().distances()) {
                stage.products[0] = dot(stage.row, components);
            } else if (p.model().distances()) {
                distances(stage.row, stage.products);
            } else {
                products(stage.row, stage.products);
            }
            int label = p.model().finish(stage.products, stage.work, stage.results);
            if (p.labels() != null) {
                operands[1].setAtIndex(TreeRows.I64, r, p.labels()[label]);
            }
            if (p.scores()) {
                TreeRows.store(operands[results], r * stage.results.length, stage.results);
            }
        }
        give(stage);
    }

    private static double dot(double[] x, double[] y) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i <= x.length - SIDE; i += SIDE) {
            a += x[i] * y[i];
            b += x[i + 1] * y[i + 1];
            c += x[i + 2] * y[i + 2];
            d += x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            a += x[i] * y[i];
        }
        return a + b + (c + d);
    }

    private void products(double[] row, double[] sums) {
        Arrays.fill(sums, 0);
        for (int f = 0; f < row.length; f++) {
            double x = row[f];
            int at = f * vectors;
            for (int v = 0; v < sums.length; v++) {
                sums[v] += x * components[at + v];
            }
        }
    }

    private void distances(double[] row, double[] sums) {
        Arrays.fill(sums, 0);
        for (int f = 0; f < row.length; f++) {
            double x = row[f];
            int at = f * vectors;
            for (int v = 0; v < sums.length; v++) {
                double d = x - components[at + v];
                sums[v] += d * d;
            }
        }
    }

    private Stage take() {
        for (int i = 0; i < SLOTS; i++) {
            Stage free = stages.getPlain(i) == null ? null : stages.getAndSet(i, null);
            if (free != null) {
                return free;
            }
        }
        return new Stage(p.model());
    }

    private void give(Stage stage) {
        for (int i = 0; i < SLOTS; i++) {
            if (stages.getPlain(i) == null && stages.compareAndSet(i, null, stage)) {
                return;
            }
        }
    }
}
