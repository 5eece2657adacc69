package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.tabular.RowModelProblem;
import dev.tenon.kernel.tabular.TableCells;
import dev.tenon.op.tabular.model.RowModel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Linear models and support vector machines. For each row it computes the dot products with all vectors of the model, or the
 * squared distances from them. The outer loop is over features, so that the compiler turns the inner loop over vectors into
 * vector instructions.
 */
public final class ScalarRowModel implements Kernel {
    private static final long PART_ELEMENTS = 1 << 15;
    private static final int ACCUMULATORS = 4;

    /** The buffers of a run. */
    private static final class Workspace {
        private final double[] row;
        private final double[] products;
        private final double[] work;
        private final double[] results;

        Workspace(RowModel model) {
            row = new double[model.features()];
            products = new double[model.vectors()];
            work = new double[model.workSize()];
            results = new double[model.results()];
        }
    }

    private final RowModelProblem p;
    private final RowPartition partition;
    private final int features;
    private final int vectors;

    /** The components of the vectors: those of the first feature, then those of the second, and so on. */
    private final double[] components;

    private final ScratchPool<Workspace> pool;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the rows, the labels if the operator has them, and the results
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
        this.partition = RowPartition.of(p.rows(), (long) features * vectors, PART_ELEMENTS);
        this.pool = new ScratchPool<>(() -> new Workspace(p.model()));
    }

    @Override
    public String id() {
        return "row_model_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * ((long) features * vectors / 2 + 50);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Workspace workspace = pool.take();
        long last = partition.start(to);
        for (long r = partition.start(from); r < last; r++) {
            for (int f = 0; f < features; f++) {
                workspace.row[f] = TableCells.readDouble(operands[0], p.dtype(), r * features + f);
            }
            if (vectors == 1 && !p.model().distances()) {
                workspace.products[0] = dot(workspace.row, components);
            } else if (p.model().distances()) {
                distances(workspace.row, workspace.products);
            } else {
                products(workspace.row, workspace.products);
            }
            int label = p.model().finish(workspace.products, workspace.work, workspace.results);
            p.writeRow(operands, r, label, workspace.results);
        }
        pool.give(workspace);
    }

    private static double dot(double[] x, double[] y) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i <= x.length - ACCUMULATORS; i += ACCUMULATORS) {
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
}
