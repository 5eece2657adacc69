package dev.tenon.formats.xgboost;

import dev.tenon.formats.json.DataReader;

/** The arrays of a tree as the file has them: an element for each node, the root first. */
final class XgboostTree {
    private static final int[] NONE = {};

    int[] left;
    int[] right;
    int[] features;
    float[] conditions;
    byte[] defaultLeft;

    /** The weights of nodes: for a tree with vectors a vector for each node, in files before version 3.1 the only ones. */
    float[] baseWeights = {};

    /** The vectors of leaves; the right child of a leaf is the number of its vector. */
    float[] leafWeights = {};

    /** The length of a leaf's vector; 0 and 1 mean that a leaf has one weight, which is in the conditions. */
    int leafVector = 1;

    byte[] splitTypes = {};
    int[] categories = NONE;
    int[] categoryNodes = NONE;
    int[] categorySegments = NONE;
    int[] categorySizes = NONE;

    private XgboostTree() {}

    static XgboostTree read(DataReader in) {
        XgboostTree t = new XgboostTree();
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "left_children" -> t.left = in.integers();
                case "right_children" -> t.right = in.integers();
                case "split_indices" -> t.features = in.integers();
                case "split_conditions" -> t.conditions = in.floats();
                case "default_left" -> t.defaultLeft = in.bytes();
                case "base_weights" -> t.baseWeights = in.floats();
                case "leaf_weights" -> t.leafWeights = in.floats();
                case "split_type" -> t.splitTypes = in.bytes();
                case "categories" -> t.categories = in.integers();
                case "categories_nodes" -> t.categoryNodes = in.integers();
                case "categories_segments" -> t.categorySegments = in.integers();
                case "categories_sizes" -> t.categorySizes = in.integers();
                case "tree_param" -> t.readParameters(in);
                default -> in.skip();
            }
        }
        t.check(in);
        return t;
    }

    private void readParameters(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("size_leaf_vector")) {
                leafVector = Math.max(1, XgboostModel.whole(in, 1 << 20));
            } else {
                in.skip();
            }
        }
    }

    private void check(DataReader in) {
        if (left == null || left.length == 0) {
            throw in.malformed("a tree without nodes", "'left_children' with an element for each node");
        }
        int n = left.length;
        sized(in, "right_children", right == null ? -1 : right.length, n);
        sized(in, "split_indices", features == null ? -1 : features.length, n);
        sized(in, "split_conditions", conditions == null ? -1 : conditions.length, n);
        sized(in, "default_left", defaultLeft == null ? -1 : defaultLeft.length, n);
        if (splitTypes.length > 0) {
            sized(in, "split_type", splitTypes.length, n);
        }
        sized(in, "categories_segments", categorySegments.length, categoryNodes.length);
        sized(in, "categories_sizes", categorySizes.length, categoryNodes.length);
        if (leafVector > 1 && leafWeights.length == 0) {
            sized(in, "base_weights", baseWeights.length, (long) n * leafVector);
        }
        checkChildren(in);
        for (int i = 0; leafWeights.length > 0 && leafVector > 1 && i < n; i++) {
            if (isLeaf(i) && vectorOf(i) < 0) {
                throw in.malformed(
                        "leaf " + i + " with the vector " + right[i],
                        "vectors 0 to " + (leafWeights.length / leafVector - 1));
            }
        }
    }

    private void checkChildren(DataReader in) {
        int n = left.length;
        for (int i = 0; i < n; i++) {
            if (left[i] != -1 && (left[i] < 0 || left[i] >= n || right[i] < 0 || right[i] >= n)) {
                throw in.malformed(
                        "node " + i + " with the children " + left[i] + " and " + right[i], "nodes 0 to " + (n - 1));
            }
        }
    }

    private static void sized(DataReader in, String name, int found, long size) {
        if (found != size) {
            throw in.malformed(
                    found < 0 ? "a tree without '" + name + "'" : found + " elements of '" + name + "'",
                    size + " elements");
        }
    }

    /** The place of a leaf's vector; -1 if there is none. */
    private int vectorOf(int leaf) {
        if (leafWeights.length == 0) {
            return leaf * leafVector;
        }
        int vector = right[leaf];
        return vector < 0 || vector >= leafWeights.length / leafVector ? -1 : vector * leafVector;
    }

    /** A weight of a leaf. */
    float weight(int leaf, int target) {
        if (leafVector <= 1) {
            return conditions[leaf];
        }
        return leafWeights.length == 0 ? baseWeights[vectorOf(leaf) + target] : leafWeights[vectorOf(leaf) + target];
    }

    boolean isLeaf(int node) {
        return left[node] == -1;
    }

    /** Whether nodes may test sets. */
    boolean hasCategories() {
        return categoryNodes.length > 0;
    }

    boolean isCategorical(int node) {
        return splitTypes.length > 0 && splitTypes[node] == 1;
    }
}
