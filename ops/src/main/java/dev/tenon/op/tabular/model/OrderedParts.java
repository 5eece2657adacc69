package dev.tenon.op.tabular.model;

/**
 * Recognises the parts of a forest that are in the order of {@link ForestOrder} already, so that they need not be copied. Each node
 * is followed by its true subtree, and that by its false subtree; so are the leaves, in a list of their own. No node or leaf has
 * two parents, and none is left over.
 */
final class OrderedParts {
    private final Forest.Parts p;

    // Of the subtree below each node: the numbers of nodes and of leaves, the first leaf, and the longest path.
    private final int[] nodes;
    private final int[] leaves;
    private final int[] firstLeaf;
    private final int[] heights;
    private int featureCount;
    private int mostWeights;

    private OrderedParts(Forest.Parts p) {
        this.p = p;
        int n = p.modes.length;
        nodes = new int[n];
        leaves = new int[n];
        firstLeaf = new int[n];
        heights = new int[n];
    }

    /** Whether parts are in order, and their features fit. Then their numbers of steps and features are set. */
    static boolean arranged(Forest.Parts p) {
        OrderedParts parts = new OrderedParts(p);
        for (int i = p.modes.length - 1; i >= 0; i--) {
            if (!parts.add(i)) {
                return false;
            }
        }
        int node = 0;
        int leaf = 0;
        long steps = 0;
        for (int root : p.roots) {
            if (!parts.begins(root, node, leaf)) {
                return false;
            }
            if (root < 0) {
                leaf++;
                parts.meetLeaf(~root);
            } else {
                node += parts.nodes[root];
                leaf += parts.leaves[root];
                steps += parts.heights[root];
            }
        }
        p.mostSteps = steps + p.roots.length * (1L + parts.mostWeights);
        p.featureCount = parts.featureCount;
        return node == p.modes.length && leaf == p.leafStarts.length - 1;
    }

    /** Adds a node, after those that follow it. False if its feature does not fit or its children are not in order. */
    private boolean add(int i) {
        int feature = p.features[i];
        if (feature < 0 || feature == Integer.MAX_VALUE) {
            return false;
        }
        featureCount = Math.max(featureCount, feature + 1);
        int yes = p.yes[i];
        int no = p.no[i];
        int nodesOfYes = 0;
        int leavesOfYes = 1;
        int first = ~yes;
        int height = 0;
        if (yes < 0) {
            if (!hasLeaf(~yes)) {
                return false;
            }
            meetLeaf(~yes);
        } else {
            if (yes != i + 1 || yes >= nodes.length) {
                return false;
            }
            nodesOfYes = nodes[yes];
            leavesOfYes = leaves[yes];
            first = firstLeaf[yes];
            height = heights[yes];
        }
        int nodesOfNo = 0;
        int leavesOfNo = 1;
        int firstOfNo = ~no;
        if (no < 0) {
            if (!hasLeaf(~no)) {
                return false;
            }
            meetLeaf(~no);
        } else {
            if (no != i + 1 + nodesOfYes || no >= nodes.length) {
                return false;
            }
            nodesOfNo = nodes[no];
            leavesOfNo = leaves[no];
            firstOfNo = firstLeaf[no];
            height = Math.max(height, heights[no]);
        }
        nodes[i] = 1 + nodesOfYes + nodesOfNo;
        leaves[i] = leavesOfYes + leavesOfNo;
        firstLeaf[i] = first;
        heights[i] = 1 + height;
        return firstOfNo == first + leavesOfYes;
    }

    /** Whether a root is the next node or leaf, and its first leaf is the next one. */
    private boolean begins(int root, int node, int leaf) {
        return root < 0
                ? ~root == leaf && hasLeaf(leaf)
                : root == node && root < nodes.length && firstLeaf[root] == leaf;
    }

    private boolean hasLeaf(int leaf) {
        return leaf < p.leafStarts.length - 1;
    }

    private void meetLeaf(int leaf) {
        mostWeights = Math.max(mostWeights, p.leafStarts[leaf + 1] - p.leafStarts[leaf]);
    }
}
