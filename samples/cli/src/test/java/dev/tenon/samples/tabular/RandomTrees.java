package dev.tenon.samples.tabular;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random trees for the old and the new tree operators. Thresholds and features are from a small grid, so that they are
 * often equal.
 */
final class RandomTrees {
    private static final String[] MODES = {
        "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"
    };
    private static final int GRID = 7;
    private static final int MEMBER = 6;

    private final Random random;
    private final int features;
    private final List<Long> trees = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>();
    private final List<Long> tested = new ArrayList<>();
    private final List<String> modes = new ArrayList<>();
    private final List<Float> values = new ArrayList<>();
    private final List<Long> missing = new ArrayList<>();
    private final List<Long> yes = new ArrayList<>();
    private final List<Long> no = new ArrayList<>();
    private final List<Long> weightTrees = new ArrayList<>();
    private final List<Long> weightIds = new ArrayList<>();
    private final List<Long> targets = new ArrayList<>();
    private final List<Float> weights = new ArrayList<>();

    RandomTrees(Random random, int features) {
        this.random = random;
        this.features = features;
    }

    private float grid() {
        return (random.nextInt(GRID) - GRID / 2) / 2f;
    }

    /** Rows of numbers from the grid of thresholds, of other numbers, and of NaN. */
    Tensor rows(DType type, int rows) {
        Tensor x = Tensor.allocate(type, rows, features);
        for (long i = 0; i < x.size(); i++) {
            int kind = random.nextInt(10);
            if (type == DType.INT64) {
                x.setLong(i, random.nextInt(GRID) - GRID / 2);
            } else {
                x.setDouble(i, kind == 0 ? Double.NaN : kind == 1 ? random.nextGaussian() : grid());
            }
        }
        return x;
    }

    /** The targets of a leaf: a random one, the first one, or all. */
    enum Leaves {
        ANY,
        FIRST,
        ALL
    }

    /** Adds trees. */
    RandomTrees grow(int count, int depth, boolean oneMode, int targetCount, Leaves leaves) {
        String mode = MODES[random.nextInt(MODES.length)];
        for (int t = 0; t < count; t++) {
            node(t, depth, oneMode ? mode : null, targetCount, leaves);
        }
        return this;
    }

    /** Adds a node and all nodes below it. Returns the number of the node. */
    private long node(long tree, int depth, String mode, int targetCount, Leaves leaves) {
        int at = trees.size();
        long first = trees.indexOf(tree);
        long id = first < 0 ? 0 : at - first;
        trees.add(tree);
        ids.add(id);
        boolean leaf = depth == 0 || random.nextInt(6) == 0;
        tested.add(leaf ? 0L : (long) random.nextInt(features));
        modes.add(leaf ? "LEAF" : mode != null ? mode : MODES[random.nextInt(MODES.length)]);
        values.add(leaf ? 0f : grid());
        missing.add(!leaf && random.nextBoolean() ? 1L : 0L);
        yes.add(0L);
        no.add(0L);
        if (leaf) {
            for (int k = 0; k < (leaves == Leaves.ALL ? targetCount : 1); k++) {
                weightTrees.add(tree);
                weightIds.add(id);
                targets.add(leaves == Leaves.ALL ? k : leaves == Leaves.FIRST ? 0L : random.nextInt(targetCount));
                weights.add(random.nextBoolean() ? random.nextInt(9) / 8f - 0.25f : (float) random.nextGaussian());
            }
        } else {
            yes.set(at, node(tree, depth - 1, mode, targetCount, leaves));
            no.set(at, node(tree, depth - 1, mode, targetCount, leaves));
        }
        return id;
    }

    /** The attributes of TreeEnsembleClassifier (kind {@code class}) or TreeEnsembleRegressor (kind {@code target}). */
    Attributes older(String kind) {
        return Attributes.none()
                .with("nodes_treeids", trees)
                .with("nodes_nodeids", ids)
                .with("nodes_featureids", tested)
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

    /** The attributes of TreeEnsemble: full trees, some of whose nodes test membership of a set. */
    Attributes newer(DType type, int count, int depth, int targetCount) {
        int inner = (1 << depth) - 1;
        int nodes = inner * count;
        int leaves = (inner + 1) * count;
        Tensor codes = Tensor.allocate(DType.UINT8, nodes);
        Tensor splits = Tensor.allocate(type, nodes);
        Tensor leafWeights = Tensor.allocate(type, leaves);
        List<Double> members = new ArrayList<>();
        List<Long> roots = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            roots.add((long) t * inner);
            for (int i = 0; i < inner; i++) {
                int at = t * inner + i;
                int code = random.nextInt(MEMBER + 1);
                codes.setLong(at, code);
                splits.setDouble(at, grid());
                tested.add((long) random.nextInt(features));
                missing.add(random.nextBoolean() ? 1L : 0L);
                boolean last = i >= inner / 2;
                yes.add(last ? (long) t * (inner + 1) + 2L * (i - inner / 2) : (long) t * inner + 2L * i + 1);
                no.add(yes.getLast() + 1);
                ids.add(last ? 1L : 0L);
                for (int m = code == MEMBER ? random.nextInt(4) : -1; m >= 0; m--) {
                    members.add(m == 0 ? random.nextInt(GRID) + 0.5 : random.nextInt(GRID));
                }
                if (code == MEMBER) {
                    members.add(Double.NaN);
                }
            }
        }
        for (int i = 0; i < leaves; i++) {
            targets.add((long) random.nextInt(targetCount));
            leafWeights.setDouble(i, (float) random.nextGaussian());
        }
        double[] sets = members.stream().mapToDouble(Double::doubleValue).toArray();
        Attributes a = Attributes.none()
                .with("n_targets", targetCount)
                .with("tree_roots", roots)
                .with("nodes_modes", codes)
                .with("nodes_splits", splits)
                .with("nodes_featureids", tested)
                .with("nodes_missing_value_tracks_true", missing)
                .with("nodes_truenodeids", yes)
                .with("nodes_trueleafs", ids)
                .with("nodes_falsenodeids", no)
                .with("nodes_falseleafs", ids)
                .with("leaf_targetids", targets)
                .with("leaf_weights", leafWeights);
        return sets.length == 0 ? a : a.with("membership_values", Tensor.convert(type, sets, sets.length));
    }
}
