package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import java.util.Arrays;

/** Numbers the nodes and leaves of a forest in the order in which a walk from the roots meets them, and finds cycles. */
final class ForestOrder {
    private static final int NEW = -1;

    private final String thing;
    private final Forest.Parts p;
    private final int[] nodeNumber;
    private final int[] leafNumber;
    private final int[] nodes;
    private final int[] leaves;
    private final boolean[] onPath;
    private final byte[] childrenSeen;
    private int nodeCount;
    private int leafCount;

    ForestOrder(String thing, Forest.Parts p) {
        this.thing = thing;
        this.p = p;
        int n = p.modes.length;
        int l = p.leafStarts.length - 1;
        nodeNumber = new int[n];
        leafNumber = new int[l];
        Arrays.fill(nodeNumber, NEW);
        Arrays.fill(leafNumber, NEW);
        nodes = new int[n];
        leaves = new int[l];
        onPath = new boolean[n];
        childrenSeen = new byte[n];
        int[] stack = new int[n + 1];
        for (int root : p.roots) {
            walk(root, stack);
        }
    }

    /** Walks depth first, without recursion: a tree may be as deep as it has nodes. */
    private void walk(int root, int[] stack) {
        if (!meet(root)) {
            return;
        }
        int depth = 0;
        stack[depth++] = root;
        while (depth > 0) {
            int node = stack[depth - 1];
            if (childrenSeen[node] == 2) {
                onPath[node] = false;
                depth--;
                continue;
            }
            int child = childrenSeen[node]++ == 0 ? p.yes[node] : p.no[node];
            if (child >= 0 && onPath[child]) {
                throw new InvalidOperandException(
                        thing, "a tree whose node leads back to itself", "trees without cycles", null);
            }
            if (meet(child)) {
                stack[depth++] = child;
            }
        }
    }

    /** Numbers a node or leaf that is new. True for a node whose children have to be walked. */
    private boolean meet(int at) {
        if (at < 0) {
            int leaf = ~at;
            if (leafNumber[leaf] == NEW) {
                leafNumber[leaf] = leafCount;
                leaves[leafCount++] = leaf;
            }
            return false;
        }
        if (nodeNumber[at] != NEW) {
            return false;
        }
        nodeNumber[at] = nodeCount;
        nodes[nodeCount++] = at;
        onPath[at] = true;
        return true;
    }

    private int renumbered(int at) {
        return at >= 0 ? nodeNumber[at] : ~leafNumber[~at];
    }

    /** The parts that a root reaches, in the new order. */
    Forest.Parts ordered() {
        Forest.Parts q = new Forest.Parts();
        int n = nodeCount;
        q.modes = new NodeMode[n];
        q.features = new long[n];
        q.splits = new double[n];
        q.members = new double[n][];
        q.missingTrue = new boolean[n];
        q.yes = new int[n];
        q.no = new int[n];
        for (int i = 0; i < n; i++) {
            int from = nodes[i];
            q.modes[i] = p.modes[from];
            q.features[i] = p.features[from];
            q.splits[i] = p.splits[from];
            q.members[i] = p.members[from];
            q.missingTrue[i] = p.missingTrue[from];
            q.yes[i] = renumbered(p.yes[from]);
            q.no[i] = renumbered(p.no[from]);
        }
        q.roots = Arrays.stream(p.roots).map(this::renumbered).toArray();
        leaves(q);
        return q;
    }

    private void leaves(Forest.Parts q) {
        q.leafStarts = new int[leafCount + 1];
        int weights = 0;
        for (int i = 0; i < leafCount; i++) {
            weights += p.leafStarts[leaves[i] + 1] - p.leafStarts[leaves[i]];
            q.leafStarts[i + 1] = weights;
        }
        q.targets = new int[weights];
        q.weights = new double[weights];
        for (int i = 0; i < leafCount; i++) {
            int from = p.leafStarts[leaves[i]];
            int count = q.leafStarts[i + 1] - q.leafStarts[i];
            System.arraycopy(p.targets, from, q.targets, q.leafStarts[i], count);
            for (int w = 0; w < count; w++) {
                // Negative zeros become zeros, as Aggregate.start requires.
                q.weights[q.leafStarts[i] + w] = p.weights[from + w] + 0.0;
            }
        }
    }
}
