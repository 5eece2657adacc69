package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Forests in the attributes of TreeEnsemble. Nodes and leaves are two lists, children are places in one of them, and
 * roots are nodes. The sets of members follow each other in the order of their nodes, each closed by a NaN.
 */
public final class TreeEnsembleAttributes {
    private static final String THING = Domains.ML + ".TreeEnsemble";

    private TreeEnsembleAttributes() {}

    /**
     * The forest of an operator's attributes.
     *
     * @param a the attributes
     * @return the forest
     * @throws InvalidOperandException if the attributes do not make trees
     */
    public static Forest read(Attributes a) {
        Tensor modes = tensor(a, "nodes_modes");
        Tensor splits = tensor(a, "nodes_splits");
        Tensor weights = tensor(a, "leaf_weights");
        int n = (int) modes.size();
        int leaves = (int) weights.size();
        check("nodes_splits", splits.size(), n);
        List<Long> missing = a.integers("nodes_missing_value_tracks_true", List.of());
        List<Long> features = sized(a, "nodes_featureids", n);
        Forest.Parts p = new Forest.Parts();
        p.modes = new NodeMode[n];
        p.features = new int[n];
        p.splits = new double[n];
        p.missingTrue = new boolean[n];
        for (int i = 0; i < n; i++) {
            p.modes[i] = NodeMode.of(THING, modes.getLong(i));
            p.features[i] = Forest.feature(THING, features.get(i));
            p.splits[i] = splits.getDouble(i);
            p.missingTrue[i] = i < missing.size() && missing.get(i) == 1;
        }
        p.members = members(a, p.modes);
        p.yes = children(a, "nodes_truenodeids", "nodes_trueleafs", n, leaves);
        p.no = children(a, "nodes_falsenodeids", "nodes_falseleafs", n, leaves);
        List<Long> roots = a.integers("tree_roots", List.of());
        p.roots = roots.stream().mapToInt(r -> index("tree_roots", r, n)).toArray();
        List<Long> targets = sized(a, "leaf_targetids", leaves);
        p.targets = targets.stream()
                .mapToInt(t -> index("leaf_targetids", t, Forest.MOST_TARGETS))
                .toArray();
        p.leafStarts = new int[leaves + 1];
        Arrays.setAll(p.leafStarts, i -> i);
        p.weights = new double[leaves];
        Arrays.setAll(p.weights, weights::getDouble);
        boolean wide = splits.dtype() == DType.FLOAT64 || weights.dtype() == DType.FLOAT64;
        DType type = wide ? DType.FLOAT64 : splits.dtype();
        return Forest.of(THING, p, a.int32("n_targets", 1), type);
    }

    private static Tensor tensor(Attributes a, String name) {
        Tensor t = a.tensor(name)
                .orElseThrow(() -> new InvalidOperandException(THING, "no attribute '" + name + "'", "a tensor", null));
        boolean fits = name.equals("nodes_modes") ? t.dtype() == DType.UINT8 : isReal(t.dtype());
        if (!fits || t.size() > Integer.MAX_VALUE / 2) {
            throw new InvalidOperandException(
                    THING, "attribute '" + name + "' is " + t.type(), "uint8 for modes, floats for others", null);
        }
        return t;
    }

    private static boolean isReal(DType type) {
        return type == DType.FLOAT32 || type == DType.FLOAT64 || type == DType.FLOAT16;
    }

    private static List<Long> sized(Attributes a, String name, int size) {
        List<Long> list = a.integers(name, List.of());
        check(name, list.size(), size);
        return list;
    }

    private static void check(String name, long found, int size) {
        if (found != size) {
            throw new InvalidOperandException(
                    THING, found + " elements of '" + name + "'", size + ", one for each node or leaf", null);
        }
    }

    private static int index(String name, long i, int size) {
        if (i < 0 || i >= size) {
            throw new InvalidOperandException(
                    THING, "an element of '" + name + "' is " + i, "0 to " + (size - 1), null);
        }
        return (int) i;
    }

    private static int[] children(Attributes a, String ids, String leafs, int n, int leaves) {
        List<Long> at = sized(a, ids, n);
        List<Long> isLeaf = sized(a, leafs, n);
        int[] children = new int[n];
        for (int i = 0; i < n; i++) {
            boolean leaf = isLeaf.get(i) != 0;
            int index = index(ids, at.get(i), leaf ? leaves : n);
            children[i] = leaf ? ~index : index;
        }
        return children;
    }

    private static double[][] members(Attributes a, NodeMode[] modes) {
        double[][] members = new double[modes.length][];
        Tensor all = a.has("membership_values") ? tensor(a, "membership_values") : Tensor.of(new float[0], 0);
        long at = 0;
        for (int i = 0; i < modes.length; i++) {
            if (modes[i] != NodeMode.BRANCH_MEMBER) {
                continue;
            }
            long end = at;
            while (end < all.size() && !Double.isNaN(all.getDouble(end))) {
                end++;
            }
            double[] set = new double[(int) (end - at)];
            for (int k = 0; k < set.length; k++) {
                set[k] = all.getDouble(at + k) + 0.0;
            }
            members[i] = Arrays.stream(set).sorted().distinct().toArray();
            at = end + 1;
        }
        return members;
    }

    /**
     * The attributes of a forest.
     *
     * @param f a forest whose roots are nodes and whose leaves have one weight each
     * @return the attributes
     */
    public static Attributes write(Forest f) {
        List<Long> features = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        List<Double> members = new ArrayList<>();
        int n = f.nodes();
        Tensor modes = Tensor.allocate(DType.UINT8, n);
        Tensor splits = Tensor.allocate(f.type(), n);
        for (int i = 0; i < n; i++) {
            features.add((long) f.feature(i));
            missing.add(f.missingTrue(i) ? 1L : 0L);
            modes.setLong(i, f.mode(i).ordinal());
            splits.setDouble(i, f.split(i));
            if (f.members(i) != null) {
                Arrays.stream(f.members(i)).forEach(members::add);
                members.add(Double.NaN);
            }
        }
        Attributes a = Attributes.none()
                .with("nodes_featureids", features)
                .with("nodes_modes", modes)
                .with("nodes_splits", splits)
                .with("n_targets", (long) f.targets());
        if (missing.contains(1L)) {
            a = a.with("nodes_missing_value_tracks_true", missing);
        }
        if (!members.isEmpty()) {
            double[] all = members.stream().mapToDouble(Double::doubleValue).toArray();
            a = a.with("membership_values", Tensor.convert(f.type(), all, all.length));
        }
        return leaves(links(a, f), f);
    }

    private static Attributes links(Attributes a, Forest f) {
        List<Long> yes = new ArrayList<>();
        List<Long> yesLeaf = new ArrayList<>();
        List<Long> no = new ArrayList<>();
        List<Long> noLeaf = new ArrayList<>();
        for (int i = 0; i < f.nodes(); i++) {
            yes.add((long) Math.max(f.yes(i), ~f.yes(i)));
            yesLeaf.add(f.yes(i) < 0 ? 1L : 0L);
            no.add((long) Math.max(f.no(i), ~f.no(i)));
            noLeaf.add(f.no(i) < 0 ? 1L : 0L);
        }
        List<Long> roots = new ArrayList<>();
        for (int t = 0; t < f.trees(); t++) {
            roots.add((long) f.root(t));
        }
        return a.with("nodes_truenodeids", yes)
                .with("nodes_trueleafs", yesLeaf)
                .with("nodes_falsenodeids", no)
                .with("nodes_falseleafs", noLeaf)
                .with("tree_roots", roots);
    }

    private static Attributes leaves(Attributes a, Forest f) {
        List<Long> targets = new ArrayList<>();
        Tensor weights = Tensor.allocate(f.type(), f.leaves());
        for (int i = 0; i < f.leaves(); i++) {
            targets.add((long) f.target(i));
            weights.setDouble(i, f.weight(i));
        }
        return a.with("leaf_targetids", targets).with("leaf_weights", weights);
    }
}
