package dev.tenon.compression.trees;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random trees, whose tests and leaves are often equal. */
final class RandomForest {
    static final int FEATURES = 4;
    private static final String[] MODES = {
        "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"
    };

    private final Random random;
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

    RandomForest(Random random) {
        this.random = random;
    }

    private float grid() {
        return random.nextInt(3) - 1;
    }

    /** Rows of numbers near those of the tests, and of NaN. */
    Tensor rows(int count) {
        float[] x = new float[count * FEATURES];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(12) == 0 ? Float.NaN : random.nextInt(9) / 2f - 2;
        }
        return Tensor.of(x, count, FEATURES);
    }

    /**
     * The attributes of the older operators.
     *
     * @param kind class or target
     * @param count the number of trees
     * @param depth their depth at most
     * @param targetCount the number of targets
     * @param votes whether each leaf has a weight for each target, none below 0 and one above it
     */
    Attributes older(String kind, int count, int depth, int targetCount, boolean votes) {
        for (int t = 0; t < count; t++) {
            int first = trees.size();
            node(t, first, depth, targetCount, votes);
        }
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

    private long node(long tree, int first, int depth, int targetCount, boolean votes) {
        int at = trees.size();
        boolean isLeaf = depth == 0 || at > first && random.nextInt(5) == 0;
        trees.add(tree);
        ids.add((long) at - first);
        features.add(isLeaf ? 0L : random.nextInt(FEATURES));
        modes.add(isLeaf ? "LEAF" : MODES[random.nextInt(MODES.length)]);
        values.add(isLeaf ? 0f : grid());
        missing.add(isLeaf ? 0L : random.nextInt(2));
        yes.add(0L);
        no.add(0L);
        if (isLeaf) {
            int winner = random.nextInt(targetCount);
            for (int k = 0; k < targetCount; k++) {
                weightTrees.add(tree);
                weightIds.add((long) at - first);
                targets.add((long) k);
                weights.add(votes ? (k == winner ? 0.25f : 0f) : random.nextInt(5) / 8f - 0.25f);
            }
        } else {
            yes.set(at, node(tree, first, depth - 1, targetCount, votes));
            no.set(at, node(tree, first, depth - 1, targetCount, votes));
        }
        return (long) at - first;
    }

    /** The attributes of TreeEnsemble: full trees. */
    Attributes newer(int count, int depth, int targetCount) {
        int inner = (1 << depth) - 1;
        int nodes = inner * count;
        int leaves = (inner + 1) * count;
        Tensor codes = Tensor.allocate(DType.UINT8, nodes);
        Tensor splits = Tensor.allocate(DType.FLOAT32, nodes);
        Tensor leafWeights = Tensor.allocate(DType.FLOAT32, leaves);
        List<Long> roots = new ArrayList<>();
        List<Long> isLeaf = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            roots.add((long) t * inner);
            for (int i = 0; i < inner; i++) {
                codes.setLong(t * inner + i, random.nextInt(MODES.length));
                splits.setDouble(t * inner + i, grid());
                features.add((long) random.nextInt(FEATURES));
                missing.add((long) random.nextInt(2));
                boolean isLast = i >= inner / 2;
                yes.add(isLast ? (long) t * (inner + 1) + 2L * (i - inner / 2) : (long) t * inner + 2L * i + 1);
                no.add(yes.getLast() + 1);
                isLeaf.add(isLast ? 1L : 0L);
            }
        }
        for (int i = 0; i < leaves; i++) {
            targets.add((long) random.nextInt(targetCount));
            leafWeights.setDouble(i, random.nextInt(4) / 4f - 0.5f);
        }
        return Attributes.none()
                .with("nodes_featureids", features)
                .with("nodes_modes", codes)
                .with("nodes_splits", splits)
                .with("nodes_missing_value_tracks_true", missing)
                .with("nodes_truenodeids", yes)
                .with("nodes_falsenodeids", no)
                .with("nodes_trueleafs", isLeaf)
                .with("nodes_falseleafs", isLeaf)
                .with("tree_roots", roots)
                .with("leaf_targetids", targets)
                .with("leaf_weights", leafWeights)
                .with("n_targets", (long) targetCount);
    }

    /** A model of one operator. */
    static Model model(Op op) {
        GraphBuilder b = new GraphBuilder("trees");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.of(FEATURES))));
        int outputs = op.schema().outputs().size();
        List<String> names = outputs == 2 ? List.of("label", "scores") : List.of("scores");
        List<Value> results = b.add(op, "ensemble", List.of(x), names);
        results.forEach(b::output);
        return Model.of(b.build());
    }
}
