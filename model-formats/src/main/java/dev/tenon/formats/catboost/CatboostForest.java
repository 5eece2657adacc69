package dev.tenon.formats.catboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.catboost.CatboostModel.CategoricalFeature;
import dev.tenon.formats.catboost.CatboostModel.Feature;
import dev.tenon.formats.catboost.CatboostModel.Missing;
import dev.tenon.formats.catboost.CatboostModel.Node;
import dev.tenon.formats.catboost.CatboostModel.Oblivious;
import dev.tenon.formats.catboost.CatboostModel.Split;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import java.util.List;

/** Adds trees to a forest: a tree for each output, since a leaf of TreeEnsemble has one weight. */
final class CatboostForest {
    private final String file;
    private final CatboostModel model;
    private final int outputs;
    private final ForestBuilder trees;

    CatboostForest(ModelSource source, CatboostModel model, int outputs) {
        this.file = source.bytes().name();
        this.model = model;
        this.outputs = outputs;
        this.trees = RowGraph.forest(source);
    }

    ForestBuilder all() {
        for (Oblivious tree : model.oblivious) {
            int leaves = 1 << tree.splits().size();
            check(tree.weights().length / leaves);
            for (int k = 0; k < outputs; k++) {
                root(oblivious(tree, tree.splits().size() - 1, 0, k), k, tree.weights()[k]);
            }
        }
        for (Node tree : model.trees) {
            for (int k = 0; k < outputs; k++) {
                root(node(tree, k), k, tree.weights() == null ? 0 : tree.weights()[k]);
            }
        }
        if (trees.trees() == 0) {
            RowGraph.constantTree(trees, 0, 0);
        }
        return trees;
    }

    private void root(int root, int target, double weight) {
        if (root >= 0) {
            trees.tree(root);
        } else {
            RowGraph.constantTree(trees, target, weight);
        }
    }

    private void check(int found) {
        if (found != outputs) {
            throw new MalformedModelException(
                    file,
                    "a leaf with " + found + " values",
                    outputs + ", as many as all leaves",
                    "save the model again");
        }
    }

    private int test(Split split) {
        if (split.isCategorical()) {
            CategoricalFeature feature = model.categorical(split);
            return trees.node(
                    NodeMode.BRANCH_EQ, feature.column(), feature.numbers().get(split.value()), false);
        }
        Feature feature = model.feature(split);
        return trees.node(NodeMode.BRANCH_GT, feature.column(), split.border(), feature.missing() == Missing.ABOVE);
    }

    /** The node of a test at a depth, counted from the leaves, below which the leaves have the given upper bits. */
    private int oblivious(Oblivious tree, int depth, int bits, int target) {
        List<Split> splits = tree.splits();
        if (depth < 0) {
            return trees.leaf(target, tree.weights()[bits * outputs + target]);
        }
        int node = test(splits.get(depth));
        int yes = oblivious(tree, depth - 1, bits | 1 << depth, target);
        int no = oblivious(tree, depth - 1, bits, target);
        trees.children(node, yes, no);
        return node;
    }

    private int node(Node n, int target) {
        if (n.split() == null) {
            check(n.weights().length);
            return trees.leaf(target, n.weights()[target]);
        }
        int node = test(n.split());
        int yes = node(n.right(), target);
        int no = node(n.left(), target);
        trees.children(node, yes, no);
        return node;
    }
}
