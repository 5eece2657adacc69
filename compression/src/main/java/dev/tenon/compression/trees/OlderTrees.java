package dev.tenon.compression.trees;

import dev.tenon.compression.trees.TreeTable.Members;
import dev.tenon.compression.trees.TreeTable.Test;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trees in the attributes of TreeEnsembleClassifier and TreeEnsembleRegressor. A node is a row with the number of its tree and
 * its number in the tree, so trees can't share nodes. A leaf is a row too, and weights name the row that they belong to.
 *
 * @param op the operator; null for a new TreeEnsembleRegressor
 * @param attributes its attributes, in which the first row of a tree is its root
 */
record OlderTrees(Op op, Attributes attributes) implements TreeFormat {
    private static final String TENSOR = "_as_tensor";
    private static final String LEAF = "LEAF";
    private static final String MISSING = "nodes_missing_value_tracks_true";

    private String kind() {
        return isClassifier() ? "class" : "target";
    }

    @Override
    public boolean isClassifier() {
        return op instanceof TreeEnsembleClassifier;
    }

    @Override
    public boolean sharesFreely() {
        return false;
    }

    @Override
    public String aggregate() {
        return attributes.string("aggregate_function", "SUM");
    }

    @Override
    public int targets() {
        if (op instanceof TreeEnsembleClassifier classifier) {
            return classifier.labels().size();
        }
        return attributes.int32("n_targets", 1);
    }

    @Override
    public boolean hasBase() {
        return numbers("base_values").length > 0;
    }

    private double[] numbers(String name) {
        return attributes
                .tensor(name + TENSOR)
                .map(Tensor::toDoubleArray)
                .orElseGet(() -> attributes.reals(name, List.of()).stream()
                        .mapToDouble(Float::doubleValue)
                        .toArray());
    }

    /** A row by tree and number. */
    private record Row(long tree, long node) {}

    @Override
    public TreeTable read() {
        long[] trees = TreeFormat.integers(attributes, "nodes_treeids");
        long[] ids = TreeFormat.integers(attributes, "nodes_nodeids");
        long[] features = TreeFormat.integers(attributes, "nodes_featureids");
        long[] yes = TreeFormat.integers(attributes, "nodes_truenodeids");
        long[] no = TreeFormat.integers(attributes, "nodes_falsenodeids");
        long[] missing = TreeFormat.integers(attributes, MISSING);
        List<String> modes = attributes.strings("nodes_modes", List.of());
        double[] values = numbers("nodes_values");
        int n = trees.length;
        Map<Row, Integer> places = new HashMap<>();
        int[] at = new int[n];
        List<Test> tests = new ArrayList<>();
        int leaves = 0;
        for (int i = 0; i < n; i++) {
            boolean isLeaf = modes.get(i).equals(LEAF);
            at[i] = isLeaf ? ~leaves++ : tests.size();
            places.put(new Row(trees[i], ids[i]), at[i]);
            if (!isLeaf) {
                boolean missingTrue = i < missing.length && missing[i] == 1;
                long bits = Double.doubleToRawLongBits(values[i]);
                tests.add(new Test(modes.get(i), features[i], bits, Members.NONE, missingTrue));
            }
        }
        int[] yesOf = new int[tests.size()];
        int[] noOf = new int[tests.size()];
        List<Integer> roots = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            if (i == 0 || trees[i] != trees[i - 1]) {
                roots.add(at[i]);
            }
            if (at[i] >= 0) {
                yesOf[at[i]] = places.get(new Row(trees[i], yes[i]));
                noOf[at[i]] = places.get(new Row(trees[i], no[i]));
            }
        }
        List<List<Integer>> rows = weightRows(places, leaves);
        return new TreeTable(
                tests.toArray(new Test[0]),
                yesOf,
                noOf,
                roots.stream().mapToInt(Integer::intValue).toArray(),
                targets(rows),
                weights(rows));
    }

    /** The rows of the weights of each leaf. */
    private List<List<Integer>> weightRows(Map<Row, Integer> places, int leaves) {
        long[] trees = TreeFormat.integers(attributes, kind() + "_treeids");
        long[] ids = TreeFormat.integers(attributes, kind() + "_nodeids");
        List<List<Integer>> rows = new ArrayList<>();
        for (int leaf = 0; leaf < leaves; leaf++) {
            rows.add(new ArrayList<>());
        }
        for (int w = 0; w < trees.length; w++) {
            rows.get(~places.get(new Row(trees[w], ids[w]))).add(w);
        }
        return rows;
    }

    private int[][] targets(List<List<Integer>> rows) {
        long[] all = TreeFormat.integers(attributes, kind() + "_ids");
        return rows.stream()
                .map(r -> r.stream().mapToInt(w -> (int) all[w]).toArray())
                .toArray(int[][]::new);
    }

    private double[][] weights(List<List<Integer>> rows) {
        double[] all = numbers(kind() + "_weights");
        return rows.stream()
                .map(r -> r.stream().mapToDouble(w -> all[w]).toArray())
                .toArray(double[][]::new);
    }

    @Override
    public Op write(TreeTable table) {
        Rows rows = new Rows(table);
        for (int tree = 0; tree < table.trees(); tree++) {
            rows.tree(tree);
        }
        Attributes a = attributes
                .with("nodes_treeids", rows.trees)
                .with("nodes_nodeids", rows.ids)
                .with("nodes_featureids", rows.features)
                .with("nodes_modes", rows.modes)
                .with("nodes_truenodeids", rows.yes)
                .with("nodes_falsenodeids", rows.no)
                .with(kind() + "_treeids", rows.weightTrees)
                .with(kind() + "_nodeids", rows.weightIds)
                .with(kind() + "_ids", rows.targets);
        if (attributes.has(MISSING)) {
            a = a.with(MISSING, rows.missing);
        }
        a = put(put(a, "nodes_values", rows.values), kind() + "_weights", rows.weights);
        return isClassifier() ? TreeEnsembleClassifier.of(a) : TreeEnsembleRegressor.of(a);
    }

    private static Attributes put(Attributes a, String name, List<Double> numbers) {
        if (a.has(name + TENSOR)) {
            double[] array = numbers.stream().mapToDouble(Double::doubleValue).toArray();
            return a.with(name + TENSOR, Tensor.of(array, array.length));
        }
        return a.with(name, numbers.stream().map(Double::floatValue).toList());
    }

    /** The rows of the attributes. */
    private static final class Rows {
        private final TreeTable table;
        private final List<Long> trees = new ArrayList<>();
        private final List<Long> ids = new ArrayList<>();
        private final List<Long> features = new ArrayList<>();
        private final List<String> modes = new ArrayList<>();
        private final List<Double> values = new ArrayList<>();
        private final List<Long> missing = new ArrayList<>();
        private final List<Long> yes = new ArrayList<>();
        private final List<Long> no = new ArrayList<>();
        private final List<Long> weightTrees = new ArrayList<>();
        private final List<Long> weightIds = new ArrayList<>();
        private final List<Long> targets = new ArrayList<>();
        private final List<Double> weights = new ArrayList<>();

        Rows(TreeTable table) {
            this.table = table;
        }

        /** Adds the rows of a tree: those that its root reaches, each once. */
        void tree(int tree) {
            List<Integer> reached = new ArrayList<>(List.of(table.roots[tree]));
            Map<Integer, Long> number = new HashMap<>();
            number.put(table.roots[tree], 0L);
            for (int i = 0; i < reached.size(); i++) {
                int at = reached.get(i);
                for (int child : at < 0 ? new int[0] : new int[] {table.yes[at], table.no[at]}) {
                    if (number.putIfAbsent(child, (long) reached.size()) == null) {
                        reached.add(child);
                    }
                }
            }
            for (int at : reached) {
                trees.add((long) tree);
                ids.add(number.get(at));
                Test test = at < 0 ? null : table.tests[at];
                features.add(test == null ? 0L : test.feature());
                modes.add(test == null ? LEAF : test.mode());
                values.add(test == null ? 0.0 : Double.longBitsToDouble(test.value()));
                missing.add(test != null && test.missingTrue() ? 1L : 0L);
                yes.add(test == null ? 0L : number.get(table.yes[at]));
                no.add(test == null ? 0L : number.get(table.no[at]));
                for (int w = 0; test == null && w < table.weights[~at].length; w++) {
                    weightTrees.add((long) tree);
                    weightIds.add(number.get(at));
                    targets.add((long) table.targets[~at][w]);
                    weights.add(table.weights[~at][w]);
                }
            }
        }
    }

    @Override
    public String toString() {
        return op.schema().name() + Arrays.toString(new int[] {targets()});
    }
}
