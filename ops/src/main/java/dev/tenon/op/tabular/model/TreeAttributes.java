package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Forests in the attributes of TreeEnsembleClassifier and TreeEnsembleRegressor. A node is identified by its tree and
 * its number in the tree. Leaves are nodes, and weights name the leaf that they belong to. Weights of nodes that are no
 * leaves are ignored: old converters write them.
 *
 * @param thing the operator, for messages
 * @param kind {@code class} or {@code target}, with which the names of the weights' attributes begin
 */
public record TreeAttributes(String thing, String kind) {
    private static final String TENSOR = "_as_tensor";

    private static final String BASE = "base_values";

    /**
     * The forest of an operator's attributes.
     *
     * @param a the attributes
     * @param targets the number of targets or classes
     * @return the forest
     * @throws InvalidOperandException if the attributes do not make trees
     */
    public Forest read(Attributes a, int targets) {
        List<String> modes = a.strings("nodes_modes", List.of());
        int n = modes.size();
        List<Long> trees = sized(a, "nodes_treeids", n);
        List<Long> ids = sized(a, "nodes_nodeids", n);
        TreeIds find = new TreeIds(thing, trees, ids);
        double[] values = numbers(a, "nodes_values");
        check("nodes_values", values.length, n);
        Forest.Parts p = new Forest.Parts();
        int[] node = new int[n];
        int count = 0;
        int leaves = 0;
        NodeMode[] all = new NodeMode[n];
        for (int i = 0; i < n; i++) {
            all[i] = NodeMode.of(thing, modes.get(i));
            node[i] = all[i] == null ? ~leaves++ : count++;
        }
        nodes(a, p, all, count, find, node, values);
        p.roots = Arrays.stream(find.roots()).map(i -> node[i]).toArray();
        weights(a, p, find, node, leaves);
        return Forest.of(thing, p, targets, isWide(a) ? DType.FLOAT64 : DType.FLOAT32);
    }

    private void nodes(Attributes a, Forest.Parts p, NodeMode[] all, int count, TreeIds find, int[] node, double[] t) {
        int n = all.length;
        List<Long> trees = a.integers("nodes_treeids", List.of());
        List<Long> features = sized(a, "nodes_featureids", n);
        List<Long> yes = sized(a, "nodes_truenodeids", n);
        List<Long> no = sized(a, "nodes_falsenodeids", n);
        List<Long> missing = a.integers("nodes_missing_value_tracks_true", List.of());
        p.modes = new NodeMode[count];
        p.features = new int[count];
        p.splits = new double[count];
        p.members = new double[count][];
        p.missingTrue = new boolean[count];
        p.yes = new int[count];
        p.no = new int[count];
        for (int i = 0; i < n; i++) {
            int k = node[i];
            if (k < 0) {
                continue;
            }
            p.modes[k] = all[i];
            p.features[k] = Forest.feature(thing, features.get(i));
            p.splits[k] = t[i];
            p.missingTrue[k] = i < missing.size() && missing.get(i) == 1;
            p.yes[k] = node[find.find(trees.get(i), yes.get(i), "a true child")];
            p.no[k] = node[find.find(trees.get(i), no.get(i), "a false child")];
        }
    }

    private void weights(Attributes a, Forest.Parts p, TreeIds find, int[] node, int leaves) {
        List<Long> targets = a.integers(kind + "_ids", List.of());
        List<Long> trees = sized(a, kind + "_treeids", targets.size());
        List<Long> ids = sized(a, kind + "_nodeids", targets.size());
        double[] weights = numbers(a, kind + "_weights");
        check(kind + "_weights", weights.length, targets.size());
        int[] leaf = new int[weights.length];
        p.leafStarts = new int[leaves + 1];
        int count = 0;
        for (int w = 0; w < weights.length; w++) {
            leaf[w] = ~node[find.find(trees.get(w), ids.get(w), "a weight of node")];
            if (leaf[w] >= 0) {
                p.leafStarts[leaf[w] + 1]++;
                count++;
            }
        }
        for (int i = 0; i < leaves; i++) {
            p.leafStarts[i + 1] += p.leafStarts[i];
        }
        int[] next = p.leafStarts.clone();
        p.targets = new int[count];
        p.weights = new double[count];
        for (int w = 0; w < weights.length; w++) {
            if (leaf[w] >= 0) {
                int at = next[leaf[w]]++;
                p.targets[at] = target(targets.get(w));
                p.weights[at] = weights[w];
            }
        }
    }

    private int target(long t) {
        if (t < 0 || t > Integer.MAX_VALUE) {
            throw new InvalidOperandException(thing, "a weight for target " + t, "targets from 0", null);
        }
        return (int) t;
    }

    private List<Long> sized(Attributes a, String name, int size) {
        List<Long> list = a.integers(name, List.of());
        check(name, list.size(), size);
        return list;
    }

    private void check(String name, int found, int size) {
        if (found != size) {
            throw new InvalidOperandException(
                    thing, found + " elements of '" + name + "'", size + ", one for each node or weight", null);
        }
    }

    private boolean isWide(Attributes a) {
        for (String name : List.of("nodes_values", kind + "_weights", BASE)) {
            if (a.tensor(name + TENSOR).filter(t -> t.dtype() == DType.FLOAT64).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Numbers from a list of floats or a tensor of floats or doubles. */
    private double[] numbers(Attributes a, String name) {
        Tensor t = a.tensor(name + TENSOR).orElse(null);
        List<Float> list = a.reals(name, List.of());
        if (t == null || t.size() == 0) {
            return list.stream().mapToDouble(Float::doubleValue).toArray();
        }
        if (!list.isEmpty()) {
            throw new InvalidOperandException(
                    thing, "both '" + name + "' and '" + name + TENSOR + "'", "one of them", null);
        }
        if (t.dtype() != DType.FLOAT32 && t.dtype() != DType.FLOAT64 || t.size() > Integer.MAX_VALUE / 2) {
            throw new InvalidOperandException(
                    thing, "'" + name + TENSOR + "' is " + t.type(), "a tensor of float32 or float64", null);
        }
        double[] numbers = new double[(int) t.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = t.getDouble(i);
        }
        return numbers;
    }

    /**
     * The base values of an operator's attributes.
     *
     * @param a the attributes
     * @return the values, none if they are not given
     * @throws InvalidOperandException if they are given twice or of the wrong kind
     */
    public List<Double> base(Attributes a) {
        return Arrays.stream(numbers(a, BASE)).boxed().toList();
    }

    /**
     * The attributes of a forest.
     *
     * @param f the forest
     * @param base the base values
     * @return the attributes
     */
    public Attributes write(Forest f, List<Double> base) {
        Columns rows = new Columns(f);
        for (int t = 0; t < f.trees(); t++) {
            rows.tree(t);
        }
        Attributes a = Attributes.none()
                .with("nodes_treeids", rows.trees)
                .with("nodes_nodeids", rows.ids)
                .with("nodes_featureids", rows.features)
                .with("nodes_modes", rows.modes)
                .with("nodes_truenodeids", rows.yes)
                .with("nodes_falsenodeids", rows.no)
                .with(kind + "_treeids", rows.weightTrees)
                .with(kind + "_nodeids", rows.weightIds)
                .with(kind + "_ids", rows.targets);
        if (rows.missing.contains(1L)) {
            a = a.with("nodes_missing_value_tracks_true", rows.missing);
        }
        a = put(a, f.wide(), "nodes_values", rows.values);
        a = put(a, f.wide(), kind + "_weights", rows.weights);
        return base.isEmpty() ? a : put(a, f.wide(), BASE, base);
    }

    private static Attributes put(Attributes a, boolean wide, String name, List<Double> numbers) {
        double[] array = numbers.stream().mapToDouble(Double::doubleValue).toArray();
        return wide
                ? a.with(name + TENSOR, Tensor.of(array, array.length))
                : a.with(name, numbers.stream().map(Double::floatValue).toList());
    }

    /** The lists of the nodes' attributes: for each tree its root first, then its nodes, then its leaves. */
    private static final class Columns {
        private final Forest f;
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

        // Trees share no nodes here, and a walk from a root numbers its nodes consecutively.
        private int firstNode;
        private int firstLeaf;

        Columns(Forest f) {
            this.f = f;
        }

        void tree(int t) {
            int root = f.root(t);
            int endNode = firstNode;
            int endLeaf = firstLeaf + (root < 0 ? 1 : 0);
            for (int k = firstNode; root >= 0 && k <= endNode; k++) {
                endNode = Math.max(endNode, Math.max(f.yes(k), f.no(k)));
                endLeaf = Math.max(endLeaf, Math.max(~f.yes(k), ~f.no(k)) + 1);
            }
            endNode += root < 0 ? 0 : 1;
            int nodes = endNode - firstNode;
            for (int k = firstNode; k < endNode; k++) {
                row(t, k - firstNode, f.mode(k).name(), f.feature(k), f.split(k), f.missingTrue(k));
                yes.add(id(f.yes(k), nodes));
                no.add(id(f.no(k), nodes));
            }
            for (int l = firstLeaf; l < endLeaf; l++) {
                row(t, id(~l, nodes), NodeMode.LEAF, 0, 0, false);
                yes.add(0L);
                no.add(0L);
                for (int w = f.leafStart(l); w < f.leafStart(l + 1); w++) {
                    weightTrees.add((long) t);
                    weightIds.add(id(~l, nodes));
                    targets.add((long) f.target(w));
                    weights.add(f.weight(w));
                }
            }
            firstNode = endNode;
            firstLeaf = endLeaf;
        }

        private long id(int at, int nodes) {
            return at >= 0 ? at - firstNode : (long) nodes + ~at - firstLeaf;
        }

        private void row(long tree, long id, String mode, long feature, double value, boolean missingTrue) {
            trees.add(tree);
            ids.add(id);
            modes.add(mode);
            features.add(feature);
            values.add(value);
            missing.add(missingTrue ? 1L : 0L);
        }
    }
}
