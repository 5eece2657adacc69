package dev.tenon.formats.xgboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.graph.Value;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the margins of trees. The base score, which XGBoost's sums begin with, is added to the leaves of the first tree of each
 * output: the rounding is the same.
 */
final class XgboostForest {
    private static final int MOST_CATEGORY = 1 << 24;

    private final String file;
    private final XgboostModel model;
    private final float[] base;
    private final ForestBuilder trees;
    private final boolean[] based;

    XgboostForest(ModelSource source, XgboostModel model, float[] base) {
        this.file = source.bytes().name();
        this.trees = RowGraph.forest(source);
        this.model = model;
        this.base = base;
        this.based = new boolean[base.length];
    }

    /** Whether any node tests for categories. */
    static boolean hasCategories(XgboostModel model) {
        return model.trees.stream().anyMatch(XgboostTree::hasCategories);
    }

    Value margins(RowGraph graph) {
        // TreeEnsembleRegressor takes leaves with several weights, and more runtimes read it. But it has no sets.
        boolean together = !hasCategories(model);
        for (int t = 0; t < model.trees.size(); t++) {
            add(t, together);
        }
        for (int k = 0; k < base.length; k++) {
            if (!based[k] && (base[k] != 0 || trees.trees() == 0)) {
                RowGraph.constantTree(trees, k, base[k]);
            }
        }
        if (together) {
            return graph.add(
                    new TreeEnsembleRegressor(
                            trees.build("trees", base.length, DType.FLOAT32),
                            Aggregate.SUM,
                            List.of(),
                            PostTransform.NONE),
                    graph.rows());
        }
        return graph.trees(trees, base.length, DType.FLOAT32, graph.wholeCategories(false));
    }

    private void add(int t, boolean together) {
        XgboostTree tree = model.trees.get(t);
        float weight = model.treeWeights.length == 0 ? 1 : model.treeWeights[t];
        if (tree.leafVector <= 1) {
            int target = model.treeTargets[t];
            if (target < 0 || target >= base.length) {
                throw malformed("tree " + t + " for output " + target, "outputs 0 to " + (base.length - 1));
            }
            addTree(tree, target, target + 1, weight);
        } else if (tree.leafVector != base.length) {
            throw malformed(
                    "leaves of tree " + t + " with " + tree.leafVector + " weights",
                    base.length + ", one for each output");
        } else if (together) {
            addTree(tree, 0, base.length, weight);
        } else {
            for (int k = 0; k < base.length; k++) {
                addTree(tree, k, k + 1, weight);
            }
        }
    }

    /** Adds a tree with the weights of some targets. */
    private void addTree(XgboostTree tree, int from, int to, float factor) {
        int[] segments = tree.categoryNodes.length > 0 || tree.hasCategories() ? segments(tree) : null;
        int[] numbers = new int[tree.left.length];
        for (int i = 0; i < numbers.length; i++) {
            if (tree.isLeaf(i)) {
                numbers[i] = trees.leaf();
                for (int k = from; k < to; k++) {
                    trees.weight(k, weight(tree, i, k, factor));
                }
            } else if (tree.isCategorical(i)) {
                // The members of the set go right, and so must the missing values that do not go left.
                numbers[i] = trees.member(tree.features[i], members(tree, segments[i]), tree.defaultLeft[i] == 0);
            } else {
                numbers[i] =
                        trees.node(NodeMode.BRANCH_LT, tree.features[i], tree.conditions[i], tree.defaultLeft[i] != 0);
            }
        }
        addChildren(tree, numbers);
        trees.tree(root(tree, numbers[0], from, to, factor));
        Arrays.fill(based, from, to, true);
    }

    private float weight(XgboostTree tree, int leaf, int target, float factor) {
        float weight = tree.weight(leaf, target) * factor;
        return based[target] ? weight : base[target] + weight;
    }

    private void addChildren(XgboostTree tree, int[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            if (tree.isLeaf(i)) {
                continue;
            }
            if (tree.features[i] < 0 || tree.features[i] >= model.features) {
                throw malformed("a test of feature " + tree.features[i], "features 0 to " + (model.features - 1));
            }
            int left = numbers[tree.left[i]];
            int right = numbers[tree.right[i]];
            boolean categorical = tree.isCategorical(i);
            trees.children(numbers[i], categorical ? right : left, categorical ? left : right);
        }
    }

    /** The root; a leaf becomes a node, as TreeEnsemble demands. TreeEnsembleRegressor takes leaves. */
    private int root(XgboostTree tree, int root, int from, int to, float factor) {
        if (root >= 0 || to - from > 1) {
            return root;
        }
        return RowGraph.constantNode(trees, from, weight(tree, 0, from, factor));
    }

    /** The index of the set of each node with categories, in the lists of sets. */
    private int[] segments(XgboostTree tree) {
        int[] segments = new int[tree.left.length];
        Arrays.fill(segments, -1);
        for (int s = 0; s < tree.categoryNodes.length; s++) {
            int node = tree.categoryNodes[s];
            if (node < 0 || node >= segments.length) {
                throw malformed("categories of node " + node, "nodes 0 to " + (segments.length - 1));
            }
            segments[node] = s;
        }
        return segments;
    }

    private double[] members(XgboostTree tree, int segment) {
        long start = segment < 0 ? -1 : tree.categorySegments[segment];
        long size = segment < 0 ? 0 : tree.categorySizes[segment];
        if (start < 0 || size <= 0 || start + size > tree.categories.length) {
            throw malformed(
                    size + " categories at " + start,
                    "a part of the " + tree.categories.length + " categories of the tree");
        }
        double[] members = new double[(int) size];
        for (int i = 0; i < members.length; i++) {
            int category = tree.categories[(int) start + i];
            if (category < 0 || category >= MOST_CATEGORY) {
                throw malformed("category " + category, "0 to " + (MOST_CATEGORY - 1));
            }
            members[i] = category;
        }
        return Arrays.stream(members).sorted().distinct().toArray();
    }

    private MalformedModelException malformed(String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "save the model again");
    }
}
