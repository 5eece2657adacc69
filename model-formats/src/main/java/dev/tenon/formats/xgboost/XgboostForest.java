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

    // The nodes of a tree whose parents have been added, the last of them first, and the parents: twice the number of a
    // node, and one
    // more if the child is the false one.
    private int[] stack = {};
    private int[] parents = {};
    private boolean[] met = {};
    private int depth;

    XgboostForest(ModelSource source, XgboostModel model, float[] base) {
        this.file = source.bytes().name();
        this.trees = RowGraph.forest(source);
        this.model = model;
        this.base = base;
        this.based = new boolean[base.length];
    }

    /** Whether nodes of any tree may test for categories. */
    private boolean hasCategories() {
        for (XgboostTree tree : model.trees) {
            if (tree.hasCategories()) {
                return true;
            }
        }
        return false;
    }

    Value margins(RowGraph graph) {
        // TreeEnsembleRegressor takes leaves with several weights, and more runtimes read it. But it has no sets.
        boolean together = !hasCategories();
        expect();
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

    /** Makes room for the trees of the file. A node has two children, so about half of a tree's nodes are leaves. */
    private void expect() {
        long all = 0;
        for (XgboostTree tree : model.trees) {
            all += tree.left.length;
        }
        long leaves = (all + model.trees.size()) / 2;
        if (all <= Integer.MAX_VALUE / 4) {
            trees.expect((int) (all - leaves), (int) leaves);
        }
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

    /** Adds a tree with the weights of some targets: each node before its true child, and that before its false child. */
    private void addTree(XgboostTree tree, int from, int to, float factor) {
        int[] segments = tree.hasCategories() ? segments(tree) : null;
        int root = 0;
        begin(tree);
        while (depth > 0) {
            int i = stack[--depth];
            int parent = parents[depth];
            if (met[i]) {
                throw malformed(
                        "a tree whose node " + i + " leads back to itself or has two parents", "trees without cycles");
            }
            met[i] = true;
            int added = tree.isLeaf(i) ? addLeaf(tree, i, from, to, factor) : addNode(tree, i, segments);
            if (parent < 0) {
                root = added;
            } else if ((parent & 1) == 0) {
                trees.yes(parent >> 1, added);
            } else {
                trees.no(parent >> 1, added);
            }
        }
        trees.tree(root(tree, root, from, to, factor));
        Arrays.fill(based, from, to, true);
    }

    private void begin(XgboostTree tree) {
        int n = tree.left.length;
        if (met.length < n) {
            stack = new int[n + 2];
            parents = new int[n + 2];
            met = new boolean[n];
        } else {
            Arrays.fill(met, 0, n, false);
        }
        depth = 0;
        push(0, -1);
    }

    private void push(int node, int parent) {
        stack[depth] = node;
        parents[depth++] = parent;
    }

    private int addLeaf(XgboostTree tree, int i, int from, int to, float factor) {
        int leaf = trees.leaf();
        for (int k = from; k < to; k++) {
            trees.weight(k, weight(tree, i, k, factor));
        }
        return leaf;
    }

    private int addNode(XgboostTree tree, int i, int[] segments) {
        int feature = tree.features[i];
        if (feature < 0 || feature >= model.features) {
            throw malformed("a test of feature " + feature, "features 0 to " + (model.features - 1));
        }
        boolean defaultLeft = tree.defaultLeft[i] != 0;
        if (tree.isCategorical(i)) {
            // The members of the set go right, and so must the missing values that do not go left.
            int node = trees.member(feature, members(tree, segments == null ? -1 : segments[i]), !defaultLeft);
            push(tree.left[i], 2 * node + 1);
            push(tree.right[i], 2 * node);
            return node;
        }
        int node = trees.node(NodeMode.BRANCH_LT, feature, tree.conditions[i], defaultLeft);
        push(tree.right[i], 2 * node + 1);
        push(tree.left[i], 2 * node);
        return node;
    }

    private float weight(XgboostTree tree, int leaf, int target, float factor) {
        float weight = tree.weight(leaf, target) * factor;
        return based[target] ? weight : base[target] + weight;
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
