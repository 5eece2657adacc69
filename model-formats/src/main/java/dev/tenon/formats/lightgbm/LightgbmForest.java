package dev.tenon.formats.lightgbm;

import dev.tenon.formats.lightgbm.LightgbmTree.Missing;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;

/** Adds trees to a forest. */
final class LightgbmForest {
    /** Numbers from its negative to itself count as zeros: a float in LightGBM's source. */
    private static final double ZERO = 1e-35f;

    private final ForestBuilder trees;

    LightgbmForest(ForestBuilder trees) {
        this.trees = trees;
    }

    /**
     * Adds a tree.
     *
     * @param t the tree
     * @param target the target of its leaves
     * @param weights the weight of each leaf
     */
    void add(LightgbmTree t, int target, double[] weights) {
        if (t.leaves == 1) {
            RowGraph.constantTree(trees, target, weights[0]);
            return;
        }
        int n = t.leaves - 1;
        int[] leaves = new int[t.leaves];
        for (int i = 0; i < t.leaves; i++) {
            leaves[i] = trees.leaf(target, weights[i]);
        }
        int first = trees.nodes();
        for (int i = 0; i < n; i++) {
            int feature = (int) t.features[i];
            if (t.isCategorical(i)) {
                trees.member(feature, t.members(i), false);
            } else {
                trees.node(NodeMode.BRANCH_LEQ, feature, t.thresholds[i], false);
            }
        }
        for (int i = 0; i < n; i++) {
            int left = t.left[i] >= 0 ? first + (int) t.left[i] : leaves[(int) ~t.left[i]];
            int right = t.right[i] >= 0 ? first + (int) t.right[i] : leaves[(int) ~t.right[i]];
            if (t.isCategorical(i)) {
                trees.children(first + i, left, right);
            } else {
                compare(t, i, first + i, left, right);
            }
        }
        trees.tree(first);
    }

    private void compare(LightgbmTree t, int i, int node, int left, int right) {
        double split = t.thresholds[i];
        boolean defaultLeft = t.isDefaultLeft(i);
        if (t.missing(i) == Missing.ZERO) {
            compareOrZero(node, (int) t.features[i], split, defaultLeft, left, right);
            return;
        }
        // If nothing is missing, NaN counts as 0. So do the numbers next to 0 in any case.
        boolean zerosAreLeft = 0 <= split;
        boolean missingLeft = t.missing(i) == Missing.NAN ? defaultLeft : zerosAreLeft;
        if (split >= -ZERO && split < ZERO) {
            trees.change(
                    node,
                    zerosAreLeft ? NodeMode.BRANCH_LEQ : NodeMode.BRANCH_LT,
                    zerosAreLeft ? ZERO : -ZERO,
                    missingLeft);
        } else {
            trees.change(node, NodeMode.BRANCH_LEQ, split, missingLeft);
        }
        trees.children(node, left, right);
    }

    /** Sets a node for which NaN and the numbers next to 0 take the default. */
    private void compareOrZero(int node, int feature, double split, boolean defaultLeft, int left, int right) {
        if (split >= -ZERO && split < ZERO) {
            // The threshold is among the zeros, so they end or begin at their own bound.
            trees.change(
                    node,
                    defaultLeft ? NodeMode.BRANCH_LEQ : NodeMode.BRANCH_LT,
                    defaultLeft ? ZERO : -ZERO,
                    defaultLeft);
            trees.children(node, left, right);
            return;
        }
        trees.change(node, NodeMode.BRANCH_LEQ, split, defaultLeft);
        boolean zerosAreLeft = split >= ZERO;
        if (zerosAreLeft == defaultLeft) {
            trees.children(node, left, right);
            return;
        }
        int below = trees.node(NodeMode.BRANCH_LT, feature, -ZERO, false);
        int upTo = trees.node(NodeMode.BRANCH_LEQ, feature, ZERO, false);
        int otherwise = zerosAreLeft ? left : right;
        int zeros = defaultLeft ? left : right;
        trees.children(below, otherwise, upTo);
        trees.children(upTo, zeros, otherwise);
        trees.children(node, zerosAreLeft ? below : left, zerosAreLeft ? right : below);
    }
}
