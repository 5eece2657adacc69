package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.Arrays;

/**
 * The order of the records of {@link TreeRecords}: tree by tree, each in breadth-first order, the children of a comparison side by
 * side. Record 0 is a leaf without weights.
 */
final class RecordOrder {
    /** The depth up to which walks take as many steps as the deepest leaf needs, without checks. */
    private static final int SHALLOW = 8;

    private final Forest forest;
    private final TreeComparisons nodes;
    private int[] sources;
    private int[] distances;
    private int size;
    private final int[] placeOf;
    private final int[] roots;
    private final int[] steps;
    private final boolean[] deep;
    private final int[] targets;
    private boolean oneTarget = true;
    private boolean distancesFit = true;

    /** The heights of the comparisons, which are needed if a tree reaches some on several ways; else null. */
    private int[] heights;

    private RecordOrder(Forest forest, TreeComparisons nodes) {
        this.forest = forest;
        this.nodes = nodes;
        int trees = forest.trees();
        sources = new int[Math.addExact(Math.multiplyExact(2, nodes.count()), trees + 1)];
        distances = new int[sources.length];
        placeOf = new int[nodes.count()];
        roots = new int[trees];
        steps = new int[trees];
        deep = new boolean[trees];
        targets = new int[trees];
    }

    /** The order for a forest; null if there are more records than a number, since trees share nodes. */
    static RecordOrder of(Forest forest, TreeComparisons nodes, long most) {
        RecordOrder order = new RecordOrder(forest, nodes);
        order.append(~forest.leaves());
        for (int t = 0; t < forest.trees(); t++) {
            order.tree(t);
            if (order.size > most) {
                return null;
            }
        }
        return order;
    }

    private int append(int source) {
        if (size == sources.length) {
            int longer = Math.addExact(size, size);
            sources = Arrays.copyOf(sources, longer);
            distances = Arrays.copyOf(distances, longer);
        }
        sources[size] = source;
        return size++;
    }

    /** Appends a tree. Pairs of children that it reaches on several ways are stored once. */
    private void tree(int t) {
        int root = append(forest.root(t));
        roots[t] = root;
        targets[t] = -1;
        long leafDepths = 0;
        int leaves = 0;
        int depth = 0;
        int levelEnd = root + 1;
        boolean shared = false;
        for (int at = root; at < size; at++) {
            if (at == levelEnd) {
                depth++;
                levelEnd = size;
            }
            int source = sources[at];
            if (source < 0) {
                meetLeaf(t, ~source);
                leafDepths += depth;
                leaves++;
                continue;
            }
            int place = placeOf[source];
            // A place before the root is one in another tree.
            if (place > root) {
                shared = true;
            } else {
                place = append(nodes.trueChild[source]);
                append(nodes.falseChild[source]);
                placeOf[source] = place;
            }
            distances[at] = place - at;
            distancesFit &= place - at == (short) (place - at);
        }
        int longest = shared ? height(forest.root(t)) : depth;
        deep[t] = longest > SHALLOW;
        steps[t] = deep[t] ? (int) (leafDepths / leaves) : longest;
    }

    private int height(int root) {
        if (heights == null) {
            heights = nodes.heights();
        }
        return heights[root];
    }

    private void meetLeaf(int t, int leaf) {
        int from = forest.leafStart(leaf);
        if (forest.leafStart(leaf + 1) - from != 1) {
            oneTarget = false;
            return;
        }
        int target = forest.target(from);
        oneTarget &= targets[t] < 0 || targets[t] == target;
        targets[t] = target;
    }

    /** Whether the distances of all children fit into 16 bits. */
    boolean distancesFit() {
        return distancesFit;
    }

    /** Whether all leaves of a tree have one weight, for the same target. */
    boolean treesHaveOneTarget() {
        return oneTarget;
    }

    /** The number of records. */
    int size() {
        return size;
    }

    /** The comparison of a record, or the complement of its leaf. */
    int source(int record) {
        return sources[record];
    }

    /** The distance from a record to its first child; 0 for a leaf. */
    int distance(int record) {
        return distances[record];
    }

    int trees() {
        return roots.length;
    }

    /** The record of a root. */
    int root(int tree) {
        return roots[tree];
    }

    /** The steps that a walk takes through a tree without checks. */
    int steps(int tree) {
        return steps[tree];
    }

    /** Whether walks take further steps, with checks. */
    boolean isDeep(int tree) {
        return deep[tree];
    }

    /** The target of the weights of a tree, if it has one. */
    int target(int tree) {
        return targets[tree];
    }
}
