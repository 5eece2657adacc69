package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import java.util.Arrays;

/**
 * Numbers the nodes and leaves of a forest in the order in which a walk from the roots meets them. The walk finds cycles and
 * children that do not exist, and measures the heights of nodes: the numbers of nodes on the longest paths to leaves.
 */
final class ForestOrder {
    private static final int NEW = -1;
    private static final byte DONE = 3;

    private final String thing;
    private final Forest.Parts p;
    private final Forest.Parts q = new Forest.Parts();
    private final int[] nodeNumber;
    private final int[] leafNumber;

    // By number in the new order. How many children of a node have been met, or that the walk has left it.
    private final byte[] seen;
    private final int[] heights;
    private final int[] oldNode;
    private final int[] oldLeaf;
    private int nodeCount;
    private int leafCount;
    private long steps;

    ForestOrder(String thing, Forest.Parts p) {
        this.thing = thing;
        this.p = p;
        int n = p.modes.length;
        int l = p.leafStarts.length - 1;
        nodeNumber = new int[n];
        leafNumber = new int[l];
        Arrays.fill(nodeNumber, NEW);
        Arrays.fill(leafNumber, NEW);
        seen = new byte[n];
        heights = new int[n];
        oldNode = new int[n];
        oldLeaf = new int[l];
        q.yes = new int[n];
        q.no = new int[n];
        q.roots = new int[p.roots.length];
        int[] stack = new int[n + 1];
        for (int t = 0; t < p.roots.length; t++) {
            q.roots[t] = number(p.roots[t]);
            walk(q.roots[t], stack);
            steps += 1L + height(q.roots[t]);
        }
    }

    /** Walks depth first, without recursion: a tree may be as deep as it has nodes. */
    private void walk(int root, int[] stack) {
        int depth = 0;
        if (root >= 0 && seen[root] == 0) {
            stack[depth++] = root;
        }
        while (depth > 0) {
            int node = stack[depth - 1];
            int before = nodeCount;
            int child;
            switch (seen[node]++) {
                case 0 -> {
                    child = number(p.yes[oldNode[node]]);
                    q.yes[node] = child;
                }
                case 1 -> {
                    child = number(p.no[oldNode[node]]);
                    q.no[node] = child;
                }
                default -> {
                    heights[node] = 1 + Math.max(height(q.yes[node]), height(q.no[node]));
                    depth--;
                    continue;
                }
            }
            if (child >= before) {
                stack[depth++] = child;
            } else if (child >= 0 && seen[child] < DONE) {
                throw new InvalidOperandException(
                        thing, "a tree whose node leads back to itself", "trees without cycles", null);
            }
        }
    }

    private int height(int at) {
        return at < 0 ? 0 : heights[at];
    }

    /** The number of a node or leaf, which is the next one if it is met for the first time. */
    private int number(int at) {
        if (at < 0) {
            return ~leafNumber(~at);
        }
        if (at >= nodeNumber.length) {
            throw missing(at);
        }
        if (nodeNumber[at] == NEW) {
            oldNode[nodeCount] = at;
            nodeNumber[at] = nodeCount++;
        }
        return nodeNumber[at];
    }

    private int leafNumber(int leaf) {
        if (leaf >= leafNumber.length) {
            throw missing(~leaf);
        }
        if (leafNumber[leaf] == NEW) {
            oldLeaf[leafCount] = leaf;
            leafNumber[leaf] = leafCount++;
        }
        return leafNumber[leaf];
    }

    private InvalidOperandException missing(int child) {
        return new InvalidOperandException(
                thing, "a node whose child " + child + " does not exist", "nodes of the trees", null);
    }

    /** The parts that a root reaches, in the new order. */
    Forest.Parts ordered() {
        int n = nodeCount;
        q.modes = new NodeMode[n];
        q.features = new int[n];
        q.splits = new double[n];
        q.members = new double[n][];
        q.missingTrue = new boolean[n];
        for (int i = 0; i < n; i++) {
            int from = oldNode[i];
            q.modes[i] = p.modes[from];
            q.features[i] = Forest.feature(thing, p.features[from]);
            q.featureCount = Math.max(q.featureCount, q.features[i] + 1);
            q.splits[i] = p.splits[from];
            q.members[i] = p.members[from];
            q.missingTrue[i] = p.missingTrue[from];
        }
        if (n < q.yes.length) {
            q.yes = Arrays.copyOf(q.yes, n);
            q.no = Arrays.copyOf(q.no, n);
        }
        leaves();
        return q;
    }

    private void leaves() {
        q.leafStarts = new int[leafCount + 1];
        int weights = 0;
        int most = 0;
        for (int i = 0; i < leafCount; i++) {
            int count = p.leafStarts[oldLeaf[i] + 1] - p.leafStarts[oldLeaf[i]];
            most = Math.max(most, count);
            weights += count;
            q.leafStarts[i + 1] = weights;
        }
        q.mostSteps = steps + (long) most * p.roots.length;
        q.targets = new int[weights];
        q.weights = new double[weights];
        for (int i = 0; i < leafCount; i++) {
            int from = p.leafStarts[oldLeaf[i]];
            for (int w = q.leafStarts[i]; w < q.leafStarts[i + 1]; w++, from++) {
                q.targets[w] = p.targets[from];
                q.weights[w] = p.weights[from];
            }
        }
    }
}
