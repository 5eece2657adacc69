package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.op.tabular.Aggregate;
import java.util.Arrays;

/** Aggregates the weights of the leaves that a block of rows reaches, for each row and target. */
final class TreeSums {
    /** How weights are assigned to leaves. */
    private enum LeafWeights {
        /** Each leaf has one weight. */
        ONE_PER_LEAF,
        /** Each leaf has one weight for each target, in order. */
        ONE_PER_TARGET,
        /** In any other way. */
        ANY
    }

    private final TreeLayout layout;
    private final int targets;
    private final Aggregate aggregate;
    private final LeafWeights leafWeights;
    private final float[] sums;
    private final double[] doubleSums;

    TreeSums(TreeProblem p, TreeLayout layout, int rows) {
        this.layout = layout;
        this.targets = p.forest().targets();
        this.aggregate = p.aggregate();
        this.leafWeights = leafWeights(layout, targets);
        int cells = targets * rows;
        sums = p.sumsInDouble() ? null : new float[cells];
        doubleSums = p.sumsInDouble() ? new double[cells] : null;
    }

    private static LeafWeights leafWeights(TreeLayout layout, int targets) {
        boolean one = true;
        boolean all = true;
        for (int i = 0; i < layout.leafStarts.length; i++) {
            one &= layout.leafStarts[i] == i;
            all &= layout.leafStarts[i] == (long) i * targets;
        }
        for (int w = 0; w < layout.targets.length && all; w++) {
            all = layout.targets[w] == w % targets;
        }
        return one ? LeafWeights.ONE_PER_LEAF : all ? LeafWeights.ONE_PER_TARGET : LeafWeights.ANY;
    }

    /** Resets the sums of the first rows. */
    void clear(int rows) {
        if (sums != null) {
            Arrays.fill(sums, 0, rows * targets, (float) aggregate.start());
        } else {
            Arrays.fill(doubleSums, 0, rows * targets, aggregate.start());
        }
    }

    /** Adds the leaves of one tree that the first rows reached. */
    void addRows(int[] leaves, int rows) {
        if (sums != null && aggregate.adds() && leafWeights == LeafWeights.ONE_PER_LEAF) {
            addOnePerLeaf(leaves, rows);
        } else if (sums != null && aggregate.adds() && leafWeights == LeafWeights.ONE_PER_TARGET) {
            addOnePerTarget(leaves, rows);
        } else {
            for (int r = 0; r < rows; r++) {
                add(leaves[r], r);
            }
        }
    }

    private void addOnePerLeaf(int[] leaves, int rows) {
        float[] weights = layout.floatWeights;
        int[] target = layout.targets;
        for (int r = 0; r < rows; r++) {
            int leaf = leaves[r];
            sums[r * targets + target[leaf]] += weights[leaf];
        }
    }

    private void addOnePerTarget(int[] leaves, int rows) {
        float[] weights = layout.floatWeights;
        for (int r = 0; r < rows; r++) {
            int from = leaves[r] * targets;
            int at = r * targets;
            for (int k = 0; k < targets; k++) {
                sums[at + k] += weights[from + k];
            }
        }
    }

    /** Adds a leaf that a row reached. */
    void add(int leaf, int row) {
        int from = layout.leafStarts[leaf];
        int to = layout.leafStarts[leaf + 1];
        int at = row * targets;
        if (!aggregate.adds()) {
            aggregateExtremes(from, to, at);
        } else if (sums != null) {
            for (int w = from; w < to; w++) {
                sums[at + layout.targets[w]] += layout.floatWeights[w];
            }
        } else {
            for (int w = from; w < to; w++) {
                doubleSums[at + layout.targets[w]] += layout.doubleWeights[w];
            }
        }
    }

    private void aggregateExtremes(int from, int to, int at) {
        for (int w = from; w < to; w++) {
            int k = at + layout.targets[w];
            if (sums != null) {
                sums[k] = (float) aggregate.add(sums[k], layout.floatWeights[w], false);
            } else {
                doubleSums[k] = aggregate.add(doubleSums[k], layout.doubleWeights[w], true);
            }
        }
    }

    /** Copies the results of a row. */
    void copyRow(int row, double[] to) {
        for (int k = 0; k < targets; k++) {
            to[k] = sums != null ? sums[row * targets + k] : doubleSums[row * targets + k];
        }
    }
}
