package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.op.tabular.Aggregate;
import java.util.Arrays;

/** What the weights of the leaves that a block of rows reaches come to, tree by tree, for each target. */
final class TreeSums {
    /** How the weights of leaves lie. */
    private enum Form {
        /** One for each leaf. */
        ONE,
        /** One for each leaf and target, in order. */
        ALL,
        /** Any. */
        ANY
    }

    private final TreeLayout layout;
    private final int targets;
    private final Aggregate aggregate;
    private final Form form;
    private final float[] sums;
    private final double[] wideSums;

    TreeSums(TreeProblem p, TreeLayout layout, int rows) {
        this.layout = layout;
        this.targets = p.forest().targets();
        this.aggregate = p.aggregate();
        this.form = form(layout, targets);
        int cells = targets * rows;
        sums = p.wide() ? null : new float[cells];
        wideSums = p.wide() ? new double[cells] : null;
    }

    private static Form form(TreeLayout layout, int targets) {
        boolean one = true;
        boolean all = true;
        for (int i = 0; i < layout.leafStarts.length; i++) {
            one &= layout.leafStarts[i] == i;
            all &= layout.leafStarts[i] == (long) i * targets;
        }
        for (int w = 0; w < layout.targets.length && all; w++) {
            all = layout.targets[w] == w % targets;
        }
        return one ? Form.ONE : all ? Form.ALL : Form.ANY;
    }

    /** Begins anew with some rows. */
    void clear(int rows) {
        if (sums != null) {
            Arrays.fill(sums, 0, rows * targets, (float) aggregate.start());
        } else {
            Arrays.fill(wideSums, 0, rows * targets, aggregate.start());
        }
    }

    /** Takes in a tree: the leaves that the first rows reached. */
    void addRows(int[] leaves, int rows) {
        if (sums != null && aggregate.adds() && form == Form.ONE) {
            addOne(leaves, rows);
        } else if (sums != null && aggregate.adds() && form == Form.ALL) {
            addAll(leaves, rows);
        } else {
            for (int r = 0; r < rows; r++) {
                add(leaves[r], r);
            }
        }
    }

    private void addOne(int[] leaves, int rows) {
        float[] weights = layout.floatWeights;
        int[] target = layout.targets;
        for (int r = 0; r < rows; r++) {
            int leaf = leaves[r];
            sums[r * targets + target[leaf]] += weights[leaf];
        }
    }

    private void addAll(int[] leaves, int rows) {
        float[] weights = layout.floatWeights;
        for (int r = 0; r < rows; r++) {
            int from = leaves[r] * targets;
            int at = r * targets;
            for (int k = 0; k < targets; k++) {
                sums[at + k] += weights[from + k];
            }
        }
    }

    /** Takes in a leaf for a row. */
    void add(int leaf, int row) {
        int from = layout.leafStarts[leaf];
        int to = layout.leafStarts[leaf + 1];
        int at = row * targets;
        if (!aggregate.adds()) {
            extreme(from, to, at);
        } else if (sums != null) {
            for (int w = from; w < to; w++) {
                sums[at + layout.targets[w]] += layout.floatWeights[w];
            }
        } else {
            for (int w = from; w < to; w++) {
                wideSums[at + layout.targets[w]] += layout.doubleWeights[w];
            }
        }
    }

    private void extreme(int from, int to, int at) {
        for (int w = from; w < to; w++) {
            int k = at + layout.targets[w];
            if (sums != null) {
                sums[k] = (float) aggregate.add(sums[k], layout.floatWeights[w], false);
            } else {
                wideSums[k] = aggregate.add(wideSums[k], layout.doubleWeights[w], true);
            }
        }
    }

    /** Copies what a row has come to. */
    void copy(int row, double[] to) {
        for (int k = 0; k < targets; k++) {
            to[k] = sums != null ? sums[row * targets + k] : wideSums[row * targets + k];
        }
    }
}
