package dev.tenon.op.tabular.model;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Builds a {@link Forest} node by node. A child is the number that {@link #node} or {@link #leaf} returned. Children may be set
 * before they exist, by numbers that are counted ahead. Each part counts for the {@link WorkBudget} of the thread. Forests are
 * built fastest tree by tree, each node before its true child, and that before its false child. Confined to one thread.
 */
public final class ForestBuilder {
    private static final int FIRST_LENGTH = 64;

    /** A leaf or a weight takes a quarter of the memory of a node. */
    private static final int PARTS_OF_NODE = 4;

    /** The parts that are counted for the budget of the thread in one go. */
    private static final int COUNTED_TOGETHER = 1 << 10;

    private NodeMode[] modes = new NodeMode[FIRST_LENGTH];
    private int[] features = new int[FIRST_LENGTH];
    private double[] splits = new double[FIRST_LENGTH];
    private double[][] members = new double[FIRST_LENGTH][];
    private boolean[] missingTrue = new boolean[FIRST_LENGTH];
    private int[] yes = new int[FIRST_LENGTH];
    private int[] no = new int[FIRST_LENGTH];
    private int nodes;

    private int[] roots = new int[FIRST_LENGTH];
    private int trees;

    private int[] leafStarts = new int[FIRST_LENGTH + 1];
    private int leaves;
    private int[] targets = new int[FIRST_LENGTH];
    private double[] weights = new double[FIRST_LENGTH];
    private int weightCount;

    private final long most;
    private final Supplier<? extends RuntimeException> tooMany;
    private long counted;
    private long spent;

    /**
     * A builder without trees.
     *
     * @param most how many nodes and members of sets it takes in all; a leaf and a weight count as a quarter of a node
     * @param tooMany makes the exception for more
     */
    public ForestBuilder(long most, Supplier<? extends RuntimeException> tooMany) {
        this.most = most > Long.MAX_VALUE / PARTS_OF_NODE ? Long.MAX_VALUE : PARTS_OF_NODE * most;
        this.tooMany = tooMany;
    }

    /**
     * Makes room for parts that are about to be added, unless they are more than this builder takes. Other parts than these may be
     * added too.
     *
     * @param moreNodes the nodes
     * @param moreLeaves the leaves, with one weight each
     */
    public void expect(int moreNodes, int moreLeaves) {
        if (counted + (long) PARTS_OF_NODE * moreNodes + 2L * moreLeaves > most) {
            return;
        }
        if (moreNodes > modes.length - nodes) {
            resizeNodes(nodes + moreNodes);
        }
        if (moreLeaves > leafStarts.length - 1 - leaves) {
            leafStarts = Arrays.copyOf(leafStarts, leaves + moreLeaves + 1);
        }
        if (moreLeaves > weights.length - weightCount) {
            resizeWeights(weightCount + moreLeaves);
        }
    }

    /**
     * The number of nodes so far, which is the number of the next one.
     *
     * @return the number
     */
    public int nodes() {
        return nodes;
    }

    /**
     * Adds a node that compares.
     *
     * @param mode the test, not {@link NodeMode#BRANCH_MEMBER}
     * @param feature the feature that it tests, from 0
     * @param split the value that it compares with
     * @param missingIsTrue whether NaN goes to the true child whatever the test says
     * @return the number of the node
     */
    public int node(NodeMode mode, int feature, double split, boolean missingIsTrue) {
        count(PARTS_OF_NODE);
        if (nodes == modes.length) {
            resizeNodes(longer(nodes));
        }
        modes[nodes] = mode;
        features[nodes] = feature;
        splits[nodes] = split;
        missingTrue[nodes] = missingIsTrue;
        return nodes++;
    }

    private void resizeNodes(int n) {
        modes = Arrays.copyOf(modes, n);
        features = Arrays.copyOf(features, n);
        splits = Arrays.copyOf(splits, n);
        members = Arrays.copyOf(members, n);
        missingTrue = Arrays.copyOf(missingTrue, n);
        yes = Arrays.copyOf(yes, n);
        no = Arrays.copyOf(no, n);
    }

    /**
     * Adds a node that is true for the members of a set.
     *
     * @param feature the feature that it tests, from 0
     * @param set the members, ascending and distinct, none of them NaN or negative zero. It must not change; several nodes may have
     *     the same array
     * @param missingIsTrue whether NaN goes to the true child
     * @return the number of the node
     */
    public int member(int feature, double[] set, boolean missingIsTrue) {
        int node = node(NodeMode.BRANCH_MEMBER, feature, 0, missingIsTrue);
        count((long) PARTS_OF_NODE * set.length);
        members[node] = set;
        return node;
    }

    private void count(long more) {
        counted += more;
        if (counted > most) {
            throw tooMany.get();
        }
        if (counted - spent >= COUNTED_TOGETHER) {
            spend();
        }
    }

    private void spend() {
        WorkBudget.spend(counted - spent);
        spent = counted;
    }

    /**
     * Changes the test of a node that compares.
     *
     * @param node its number
     * @param mode the test, not {@link NodeMode#BRANCH_MEMBER}
     * @param split the value that it compares with
     * @param missingIsTrue whether NaN goes to the true child whatever the test says
     */
    public void change(int node, NodeMode mode, double split, boolean missingIsTrue) {
        modes[node] = mode;
        splits[node] = split;
        missingTrue[node] = missingIsTrue;
    }

    /**
     * Sets the child of a node for a test that is true.
     *
     * @param node its number
     * @param child the child
     */
    public void yes(int node, int child) {
        yes[node] = child;
    }

    /**
     * Sets the other child of a node.
     *
     * @param node its number
     * @param child the child
     */
    public void no(int node, int child) {
        no[node] = child;
    }

    /**
     * Sets the children of a node.
     *
     * @param node its number
     * @param yesChild the child for a test that is true
     * @param noChild the other child
     */
    public void children(int node, int yesChild, int noChild) {
        yes[node] = yesChild;
        no[node] = noChild;
    }

    /**
     * Adds a leaf without weights. {@link #weight} adds to the leaf that was added last.
     *
     * @return the leaf as a child
     */
    public int leaf() {
        count(1);
        if (leaves + 1 == leafStarts.length) {
            leafStarts = Arrays.copyOf(leafStarts, longer(leaves) + 1);
        }
        leafStarts[leaves + 1] = weightCount;
        return ~leaves++;
    }

    /**
     * Adds a weight to the last leaf.
     *
     * @param target its target
     * @param value its value
     */
    public void weight(int target, double value) {
        count(1);
        if (weightCount == weights.length) {
            resizeWeights(longer(weightCount));
        }
        targets[weightCount] = target;
        weights[weightCount] = value;
        leafStarts[leaves] = ++weightCount;
    }

    private void resizeWeights(int n) {
        targets = Arrays.copyOf(targets, n);
        weights = Arrays.copyOf(weights, n);
    }

    /**
     * Adds a leaf with one weight.
     *
     * @param target its target
     * @param value its value
     * @return the leaf as a child
     */
    public int leaf(int target, double value) {
        int leaf = leaf();
        weight(target, value);
        return leaf;
    }

    /**
     * Adds a tree.
     *
     * @param root its root
     */
    public void tree(int root) {
        if (trees == roots.length) {
            roots = Arrays.copyOf(roots, longer(trees));
        }
        roots[trees++] = root;
    }

    /**
     * The number of trees so far.
     *
     * @return the number
     */
    public int trees() {
        return trees;
    }

    private static int longer(int count) {
        if (count > Integer.MAX_VALUE / 4) {
            throw new InvalidOperandException("trees", "more than " + count + " nodes or leaves", "2^29", null);
        }
        return 2 * count;
    }

    /**
     * Checks the trees and makes the forest, which has the arrays of this builder: it must not be used any more.
     *
     * @param thing what the trees belong to, for messages
     * @param targetCount the number of targets
     * @param type FLOAT32 or FLOAT64: the element type of splits and weights
     * @return the forest
     * @throws InvalidOperandException if there is no tree, a tree has a cycle, or a number is out of its range
     */
    public Forest build(String thing, int targetCount, DType type) {
        spend();
        if (nodes < modes.length) {
            resizeNodes(nodes);
        }
        if (weightCount < weights.length) {
            resizeWeights(weightCount);
        }
        Forest.Parts p = new Forest.Parts();
        p.modes = modes;
        p.features = features;
        p.splits = splits;
        p.members = members;
        p.missingTrue = missingTrue;
        p.yes = yes;
        p.no = no;
        p.roots = Arrays.copyOf(roots, trees);
        p.leafStarts = Arrays.copyOf(leafStarts, leaves + 1);
        p.targets = targets;
        p.weights = weights;
        return Forest.of(thing, p, targetCount, type);
    }
}
