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
import dev.tenon.testkit.TreeSketch;
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
        TreeSketch sketch = kind.equals("class") ? TreeSketch.classes() : TreeSketch.targets();
        for (int t = 0; t < count; t++) {
            node(sketch, t, sketch.size(), depth, targetCount, votes);
        }
        return sketch.attributes();
    }

    private long node(TreeSketch sketch, long tree, int first, int depth, int targetCount, boolean votes) {
        int at = sketch.size();
        long id = (long) at - first;
        if (depth == 0 || at > first && random.nextInt(5) == 0) {
            sketch.leaf(tree, id);
            int winner = random.nextInt(targetCount);
            for (int k = 0; k < targetCount; k++) {
                sketch.weight(tree, id, k, votes ? (k == winner ? 0.25f : 0f) : random.nextInt(5) / 8f - 0.25f);
            }
            return id;
        }
        long feature = random.nextInt(FEATURES);
        String mode = MODES[random.nextInt(MODES.length)];
        sketch.node(tree, id, mode, feature, grid(), 0, 0);
        if (random.nextInt(2) == 1) {
            sketch.missingTrue();
        }
        long yes = node(sketch, tree, first, depth - 1, targetCount, votes);
        sketch.children(at, yes, node(sketch, tree, first, depth - 1, targetCount, votes));
        return id;
    }

    /** The attributes of TreeEnsemble: full trees. */
    Attributes newer(int count, int depth, int targetCount) {
        int inner = (1 << depth) - 1;
        int nodes = inner * count;
        int leaves = (inner + 1) * count;
        Tensor codes = Tensor.allocate(DType.UINT8, nodes);
        Tensor splits = Tensor.allocate(DType.FLOAT32, nodes);
        Tensor leafWeights = Tensor.allocate(DType.FLOAT32, leaves);
        List<Long> features = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        List<Long> yes = new ArrayList<>();
        List<Long> no = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
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
