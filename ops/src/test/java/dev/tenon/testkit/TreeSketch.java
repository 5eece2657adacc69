package dev.tenon.testkit;

import dev.tenon.op.Attributes;
import java.util.ArrayList;
import java.util.List;

/** Builds the attributes of trees in the older form, that of TreeEnsembleClassifier and TreeEnsembleRegressor, node by node. */
public final class TreeSketch {
    private final String kind;
    private final List<Long> trees = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>();
    private final List<Long> features = new ArrayList<>();
    private final List<String> modes = new ArrayList<>();
    private final List<Float> values = new ArrayList<>();
    private final List<Long> missing = new ArrayList<>();
    private final List<Long> yes = new ArrayList<>();
    private final List<Long> no = new ArrayList<>();
    private final List<Long> weightTrees = new ArrayList<>();
    private final List<Long> weightIds = new ArrayList<>();
    private final List<Long> targets = new ArrayList<>();
    private final List<Float> weights = new ArrayList<>();

    private TreeSketch(String kind) {
        this.kind = kind;
    }

    /** Trees whose leaves have weights of classes. */
    public static TreeSketch classes() {
        return new TreeSketch("class");
    }

    /** Trees whose leaves have weights of targets. */
    public static TreeSketch targets() {
        return new TreeSketch("target");
    }

    /**
     * Adds a node.
     *
     * @param tree the number of the tree
     * @param id the number of the node in its tree
     * @param mode the test, or {@code LEAF}
     * @param feature the column that is tested
     * @param value the number that it is compared with
     * @param yesId the node that follows if the test holds
     * @param noId the node that follows otherwise
     */
    public TreeSketch node(long tree, long id, String mode, long feature, double value, long yesId, long noId) {
        trees.add(tree);
        ids.add(id);
        modes.add(mode);
        features.add(feature);
        values.add((float) value);
        missing.add(0L);
        yes.add(yesId);
        no.add(noId);
        return this;
    }

    /** The number of nodes so far, of all trees. */
    public int size() {
        return trees.size();
    }

    /** Sets the children of a node that was added without them; {@code at} is {@link #size} before it was added. */
    public void children(int at, long yesId, long noId) {
        yes.set(at, yesId);
        no.set(at, noId);
    }

    /** NaN goes to the true child of the last node. */
    public TreeSketch missingTrue() {
        missing.set(missing.size() - 1, 1L);
        return this;
    }

    /** Adds a leaf without weights. */
    public TreeSketch leaf(long tree, long id) {
        return node(tree, id, "LEAF", 0, 0, 0, 0);
    }

    /** Adds a leaf with one weight. */
    public TreeSketch leaf(long tree, long id, long target, double weight) {
        return leaf(tree, id).weight(tree, id, target, weight);
    }

    /** Adds a weight to a leaf. */
    public TreeSketch weight(long tree, long id, long target, double weight) {
        weightTrees.add(tree);
        weightIds.add(id);
        targets.add(target);
        weights.add((float) weight);
        return this;
    }

    /** A tree of one test: whether feature 0 is at most 0. */
    public TreeSketch stump(long tree, long yesTarget, double yesWeight, long noTarget, double noWeight) {
        return node(tree, 0, "BRANCH_LEQ", 0, 0, 1, 2)
                .leaf(tree, 1, yesTarget, yesWeight)
                .leaf(tree, 2, noTarget, noWeight);
    }

    /** The attributes that say all this. */
    public Attributes attributes() {
        return Attributes.none()
                .with("nodes_treeids", trees)
                .with("nodes_nodeids", ids)
                .with("nodes_featureids", features)
                .with("nodes_modes", modes)
                .with("nodes_values", values)
                .with("nodes_missing_value_tracks_true", missing)
                .with("nodes_truenodeids", yes)
                .with("nodes_falsenodeids", no)
                .with(kind + "_treeids", weightTrees)
                .with(kind + "_nodeids", weightIds)
                .with(kind + "_ids", targets)
                .with(kind + "_weights", weights);
    }
}
