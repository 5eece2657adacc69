package dev.tenon.samples.tabular;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TreeSketch;
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

    /**
     * The attributes of TreeEnsembleClassifier or TreeEnsembleRegressor.
     *
     * @param sketch an empty sketch of classes or of targets
     * @param count the number of trees
     * @param depth their depth at most
     * @param oneMode whether all nodes test in the same way
     * @param targetCount the number of targets
     * @param leaves the targets of a leaf
     */
    Attributes older(TreeSketch sketch, int count, int depth, boolean oneMode, int targetCount, Leaves leaves) {
        String mode = MODES[random.nextInt(MODES.length)];
        for (int t = 0; t < count; t++) {
            node(sketch, t, sketch.size(), depth, oneMode ? mode : null, targetCount, leaves);
        }
        return sketch.attributes();
    }

    /** Adds a node and all nodes below it. Returns the number of the node. */
    private long node(TreeSketch sketch, long tree, int first, int depth, String mode, int targetCount, Leaves leaves) {
        int at = sketch.size();
        long id = (long) at - first;
        if (depth == 0 || random.nextInt(6) == 0) {
            sketch.leaf(tree, id);
            for (int k = 0; k < (leaves == Leaves.ALL ? targetCount : 1); k++) {
                long target = leaves == Leaves.ALL ? k : leaves == Leaves.FIRST ? 0L : random.nextInt(targetCount);
                double weight = random.nextBoolean() ? random.nextInt(9) / 8f - 0.25f : random.nextGaussian();
                sketch.weight(tree, id, target, weight);
            }
            return id;
        }
        long feature = random.nextInt(features);
        String own = mode != null ? mode : MODES[random.nextInt(MODES.length)];
        sketch.node(tree, id, own, feature, grid(), 0, 0);
        if (random.nextBoolean()) {
            sketch.missingTrue();
        }
        long yes = node(sketch, tree, first, depth - 1, mode, targetCount, leaves);
        sketch.children(at, yes, node(sketch, tree, first, depth - 1, mode, targetCount, leaves));
        return id;
    }

    /** The attributes of TreeEnsemble: full trees, some of whose nodes test membership of a set. */
    Attributes newer(DType type, int count, int depth, int targetCount) {
        int inner = (1 << depth) - 1;
        int nodes = inner * count;
        int leaves = (inner + 1) * count;
        Tensor codes = Tensor.allocate(DType.UINT8, nodes);
        Tensor splits = Tensor.allocate(type, nodes);
        Tensor leafWeights = Tensor.allocate(type, leaves);
        List<Long> tested = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        List<Long> yes = new ArrayList<>();
        List<Long> no = new ArrayList<>();
        List<Long> areLeaves = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
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
                areLeaves.add(last ? 1L : 0L);
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
                .with("nodes_trueleafs", areLeaves)
                .with("nodes_falsenodeids", no)
                .with("nodes_falseleafs", areLeaves)
                .with("leaf_targetids", targets)
                .with("leaf_weights", leafWeights);
        return sets.length == 0 ? a : a.with("membership_values", Tensor.convert(type, sets, sets.length));
    }
}
