package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A random forest that tells capital letters, small letters, other letters and other characters apart, by the bits of their
 * code. It is grown from the table of characters that each JDK has.
 */
final class CharacterForest {
    private static final int FEATURES = 4;
    private static final int CLASSES = 4;
    private static final int CODES = 0x3000;
    private static final int TREES = 40;
    private static final int DEPTH = 10;
    private static final int CANDIDATES = 30;
    private static final int LEAST = 4;
    private static final int LOW_BITS = 0xF;
    private static final int BITS = 4;

    private final SplittableRandom random = new SplittableRandom(11);
    private final List<Integer> seen = new ArrayList<>();
    private final List<Integer> others = new ArrayList<>();
    private final List<Integer> judges = new ArrayList<>();
    private final Map<String, List<Object>> columns = new TreeMap<>();

    private CharacterForest() {
        for (int code = 0; code < CODES; code++) {
            if (Character.isDefined(code)) {
                int share = random.nextInt(6);
                (share < 4 ? seen : share == 4 ? others : judges).add(code);
            }
        }
    }

    /** Grows the forest. */
    static CharacterForest grow() {
        CharacterForest forest = new CharacterForest();
        for (int t = 0; t < TREES; t++) {
            List<Integer> drawn = new ArrayList<>();
            for (int i = 0; i < forest.seen.size(); i++) {
                drawn.add(forest.seen.get(forest.random.nextInt(forest.seen.size())));
            }
            forest.node(t, new int[] {0}, drawn, DEPTH);
        }
        return forest;
    }

    private static float feature(int code, int index) {
        return switch (index) {
            case 0 -> code;
            case 1 -> code & 1;
            case 2 -> code & LOW_BITS;
            default -> code >> BITS & LOW_BITS;
        };
    }

    private static int label(int code) {
        return Character.isUpperCase(code) ? 0 : Character.isLowerCase(code) ? 1 : Character.isLetter(code) ? 2 : 3;
    }

    private void add(String column, Object value) {
        columns.computeIfAbsent(column, c -> new ArrayList<>()).add(value);
    }

    /** Adds a node and those below it, and returns its number in its tree. */
    private long node(long tree, int[] next, List<Integer> codes, int depth) {
        int id = next[0]++;
        float[] test = depth == 0 || codes.size() < LEAST ? null : best(codes);
        int row = columns.getOrDefault("nodes_treeids", List.of()).size();
        add("nodes_treeids", tree);
        add("nodes_nodeids", (long) id);
        add("nodes_featureids", test == null ? 0L : (long) test[0]);
        add("nodes_modes", test == null ? "LEAF" : "BRANCH_LEQ");
        add("nodes_values", test == null ? 0f : test[1]);
        add("nodes_truenodeids", 0L);
        add("nodes_falsenodeids", 0L);
        if (test == null) {
            int[] counts = counts(codes);
            for (int k = 0; k < CLASSES; k++) {
                add("class_treeids", tree);
                add("class_nodeids", (long) id);
                add("class_ids", (long) k);
                add("class_weights", (float) counts[k] / codes.size() / TREES);
            }
            return id;
        }
        List<Integer> yes = new ArrayList<>();
        List<Integer> no = new ArrayList<>();
        codes.forEach(code -> (feature(code, (int) test[0]) <= test[1] ? yes : no).add(code));
        columns.get("nodes_truenodeids").set(row, node(tree, next, yes, depth - 1));
        columns.get("nodes_falsenodeids").set(row, node(tree, next, no, depth - 1));
        return id;
    }

    private static int[] counts(List<Integer> codes) {
        int[] counts = new int[CLASSES];
        codes.forEach(code -> counts[label(code)]++);
        return counts;
    }

    /** The best of some random tests, as feature and threshold; null if none divides the classes. */
    private float[] best(List<Integer> codes) {
        double least = impurity(counts(codes));
        float[] best = null;
        for (int i = 0; i < CANDIDATES && least > 0; i++) {
            int index = random.nextInt(FEATURES);
            float threshold = feature(codes.get(random.nextInt(codes.size())), index);
            int[] yes = new int[CLASSES];
            int[] no = new int[CLASSES];
            codes.forEach(code -> (feature(code, index) <= threshold ? yes : no)[label(code)]++);
            double impurity = impurity(yes) + impurity(no);
            if (impurity < least) {
                least = impurity;
                best = new float[] {index, threshold};
            }
        }
        return best;
    }

    /** Gini's impurity times the number of samples. */
    private static double impurity(int[] counts) {
        double sum = 0;
        double squares = 0;
        for (int count : counts) {
            sum += count;
            squares += (double) count * count;
        }
        return sum == 0 ? 0 : sum - squares / sum;
    }

    /** The forest as a model. */
    Model model() {
        Attributes attributes = Attributes.none();
        for (Map.Entry<String, List<Object>> column : columns.entrySet()) {
            attributes = attributes.with(column.getKey(), column.getValue());
        }
        attributes = attributes.with("classlabels_int64s", List.of(0L, 1L, 2L, 3L));
        GraphBuilder graph = new GraphBuilder("characters");
        Value x = graph.input("x", ValueType.parse("f32[rows," + FEATURES + "]"));
        graph.add(TreeEnsembleClassifier.of(attributes), "forest", List.of(x), List.of("label", "scores"))
                .forEach(graph::output);
        return Model.of(graph.build());
    }

    /** Inputs for the dropping of trees, which growing has not seen. */
    List<Map<String, Tensor>> calibration() {
        return inputs(others);
    }

    /** Inputs that judge, which nothing else has seen. */
    List<Map<String, Tensor>> judges() {
        return inputs(judges);
    }

    /** The classes of those that judge. */
    Tensor labels() {
        return Tensor.of(judges.stream().mapToLong(CharacterForest::label).toArray());
    }

    private static List<Map<String, Tensor>> inputs(List<Integer> codes) {
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (int code : codes) {
            float[] x = new float[FEATURES];
            for (int i = 0; i < FEATURES; i++) {
                x[i] = feature(code, i);
            }
            inputs.add(Map.of("x", Tensor.of(x, 1, FEATURES)));
        }
        return inputs;
    }
}
