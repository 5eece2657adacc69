package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Trees of tests on the features of a row. Immutable, checked when it is made: every path from a root ends at a leaf.
 *
 * <p>Nodes and leaves are numbered in the order in which a walk from the roots meets them, the true child first. Nodes
 * that no root reaches are left out. So two forests that are written in different orders are equal. Children are
 * numbers of nodes, or {@code ~n} for leaf n. A node may have several parents: converters write a test for membership
 * as a chain of comparisons that share a child.
 */
public final class Forest {
    /** The most targets, or classes, that a forest may have. */
    public static final int MOST_TARGETS = 1 << 20;

    /** The unchecked parts of a forest, in any order. */
    static final class Parts {
        NodeMode[] modes;
        int[] features;
        double[] splits;
        double[][] members;
        boolean[] missingTrue;
        int[] yes;
        int[] no;
        int[] roots;
        int[] leafStarts;
        int[] targets;
        double[] weights;

        /** See {@link Forest#mostSteps}. */
        long mostSteps;

        /** See {@link Forest#featureCount}. */
        int featureCount;
    }

    private final DType type;
    private final int targets;
    private final NodeMode[] modes;
    private final int[] features;
    private final double[] splits;
    private final double[][] members;
    private final boolean[] missingTrue;
    private final int[] yes;
    private final int[] no;
    private final int[] roots;
    private final int[] leafStarts;
    private final int[] leafTargets;
    private final double[] weights;
    private final long mostSteps;
    private final int featureCount;

    private final Map<Class<?>, Object> derived = new ConcurrentHashMap<>();

    /** A forest of some parts, which may share arrays with it. */
    private Forest(Parts p, int targets, DType type) {
        this.type = type;
        this.targets = targets;
        this.modes = p.modes;
        this.features = p.features;
        this.splits = p.splits;
        this.members = p.members;
        this.missingTrue = p.missingTrue;
        this.yes = p.yes;
        this.no = p.no;
        this.roots = p.roots;
        this.leafStarts = p.leafStarts;
        this.leafTargets = p.targets;
        this.weights = p.weights;
        this.mostSteps = p.mostSteps;
        this.featureCount = p.featureCount;
    }

    /**
     * Checks parts and makes a forest.
     *
     * @param thing the operator, for messages
     * @param p the parts
     * @param targets the number of targets
     * @param type the element type of values and weights
     */
    static Forest of(String thing, Parts p, int targets, DType type) {
        if (targets < 1 || targets > MOST_TARGETS) {
            throw new InvalidOperandException(thing, targets + " targets", "1 to " + MOST_TARGETS, null);
        }
        if (p.roots.length == 0) {
            throw new InvalidOperandException(thing, "no trees", "at least one", null);
        }
        for (int w = 0; w < p.targets.length; w++) {
            int t = p.targets[w];
            if (t < 0 || t >= targets) {
                throw new InvalidOperandException(
                        thing, "a weight for target " + t, "targets 0 to " + (targets - 1), null);
            }
            // Negative zeros become zeros, as Aggregate.start requires.
            p.weights[w] += 0.0;
        }
        return new Forest(OrderedParts.arranged(p) ? p : new ForestOrder(thing, p).ordered(), targets, type);
    }

    /**
     * Checks a feature.
     *
     * @param thing the operator, for messages
     * @param feature the feature that a node tests
     * @return the feature
     */
    static int feature(String thing, long feature) {
        if (feature < 0 || feature > Integer.MAX_VALUE - 1) {
            throw new InvalidOperandException(
                    thing, "a test on feature " + feature, "features 0 to " + (Integer.MAX_VALUE - 1), null);
        }
        return (int) feature;
    }

    /**
     * Tells whether values and weights are double. Then the sums are double too.
     *
     * @return true if they are given as double
     */
    public boolean wide() {
        return type == DType.FLOAT64;
    }

    /**
     * The element type of values and weights.
     *
     * @return FLOAT32, FLOAT64 or FLOAT16
     */
    public DType type() {
        return type;
    }

    /**
     * The number of targets, or of classes.
     *
     * @return the number, at least 1
     */
    public int targets() {
        return targets;
    }

    /**
     * The number of trees.
     *
     * @return the number
     */
    public int trees() {
        return roots.length;
    }

    /**
     * The number of nodes with a test.
     *
     * @return the number
     */
    public int nodes() {
        return modes.length;
    }

    /**
     * The number of leaves.
     *
     * @return the number
     */
    public int leaves() {
        return leafStarts.length - 1;
    }

    /**
     * The least number of features that a row must have.
     *
     * @return one more than the largest feature that is tested; 0 if none is tested
     */
    public int featureCount() {
        return featureCount;
    }

    /**
     * The root of a tree.
     *
     * @param tree a tree
     * @return a node, or {@code ~n} for leaf n
     */
    public int root(int tree) {
        return roots[tree];
    }

    /**
     * The test of a node.
     *
     * @param node a node
     * @return its test
     */
    public NodeMode mode(int node) {
        return modes[node];
    }

    /**
     * The feature that a node tests.
     *
     * @param node a node
     * @return the feature, counted from 0
     */
    public int feature(int node) {
        return features[node];
    }

    /**
     * The value with which a node compares.
     *
     * @param node a node
     * @return the value
     */
    public double split(int node) {
        return splits[node];
    }

    /**
     * The set of a node that tests for membership.
     *
     * @param node a node
     * @return its members, ascending, a new array; null for a node with another test
     */
    public double[] members(int node) {
        return members[node] == null ? null : members[node].clone();
    }

    /**
     * Tells whether NaN always goes to the true child.
     *
     * @param node a node
     * @return true if it does
     */
    public boolean missingTrue(int node) {
        return missingTrue[node];
    }

    /**
     * The true child of a node.
     *
     * @param node a node
     * @return a node, or {@code ~n} for leaf n
     */
    public int yes(int node) {
        return yes[node];
    }

    /**
     * The false child of a node.
     *
     * @param node a node
     * @return a node, or {@code ~n} for leaf n
     */
    public int no(int node) {
        return no[node];
    }

    /**
     * The first weight of a leaf. The weights of a leaf end before the first one of the next leaf.
     *
     * @param leaf a leaf, or the number of leaves
     * @return a weight
     */
    public int leafStart(int leaf) {
        return leafStarts[leaf];
    }

    /**
     * The target of a weight.
     *
     * @param weight a weight
     * @return the target
     */
    public int target(int weight) {
        return leafTargets[weight];
    }

    /**
     * The value of a weight.
     *
     * @param weight a weight
     * @return its value, no negative zero
     */
    public double weight(int weight) {
        return weights[weight];
    }

    /**
     * The number of weights of all leaves.
     *
     * @return the number
     */
    public int weights() {
        return weights.length;
    }

    /**
     * The child of a node for a feature's value.
     *
     * @param node a node
     * @param x the value of the feature that it tests
     * @return a node, or {@code ~n} for leaf n
     */
    public int child(int node, double x) {
        boolean goesYes = modes[node].test(x, splits[node], members[node]) || missingTrue[node] && Double.isNaN(x);
        return goesYes ? yes[node] : no[node];
    }

    /**
     * The most steps that a row takes through all trees: nodes that are tested and weights that are added. Trees may share
     * nodes and leaves, so this may be far more than the forest has nodes.
     *
     * @return the number of steps
     */
    public long mostSteps() {
        return mostSteps;
    }

    /**
     * Another form of the same trees, made at the first call and kept as long as the trees.
     *
     * @param <T> the form
     * @param form its class
     * @param maker makes it from the trees: a pure function
     * @return the form
     */
    public <T> T derived(Class<T> form, Function<Forest, T> maker) {
        return form.cast(derived.computeIfAbsent(form, k -> maker.apply(this)));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Forest f
                && type == f.type
                && targets == f.targets
                && Arrays.equals(modes, f.modes)
                && Arrays.equals(features, f.features)
                && Arrays.equals(splits, f.splits)
                && Arrays.deepEquals(members, f.members)
                && Arrays.equals(missingTrue, f.missingTrue)
                && Arrays.equals(yes, f.yes)
                && Arrays.equals(no, f.no)
                && Arrays.equals(roots, f.roots)
                && Arrays.equals(leafStarts, f.leafStarts)
                && Arrays.equals(leafTargets, f.leafTargets)
                && Arrays.equals(weights, f.weights);
    }

    @Override
    public int hashCode() {
        int h = Arrays.hashCode(features);
        h = 31 * h + Arrays.hashCode(splits);
        h = 31 * h + Arrays.hashCode(yes);
        h = 31 * h + Arrays.hashCode(weights);
        return 31 * h + targets;
    }

    @Override
    public String toString() {
        return trees() + " trees of " + nodes() + " nodes and " + leaves() + " leaves for " + targets + " targets";
    }
}
