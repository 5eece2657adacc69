package dev.tenon.compression.trees;

import dev.tenon.compression.trees.TreeTable.Members;
import dev.tenon.compression.trees.TreeTable.Test;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trees in the attributes of TreeEnsemble. Nodes and leaves are two lists, and children are places in them, so trees may share
 * nodes and leaves. Roots are nodes. A leaf has one weight.
 *
 * @param attributes the attributes of the operator
 */
record NewerTrees(Attributes attributes) implements TreeFormat {
    private static final String MEMBER = "BRANCH_MEMBER";
    private static final String MISSING = "nodes_missing_value_tracks_true";

    /** The comparisons by their numbers. */
    private static final List<String> MODES =
            List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", MEMBER);

    @Override
    public boolean isClassifier() {
        return false;
    }

    @Override
    public boolean sharesFreely() {
        return true;
    }

    @Override
    public String aggregate() {
        return Aggregate.values()[attributes.int32("aggregate_function", Aggregate.SUM.ordinal())].name();
    }

    @Override
    public int targets() {
        return attributes.int32("n_targets", 1);
    }

    @Override
    public boolean hasBase() {
        return false;
    }

    private Tensor tensor(String name) {
        return attributes.tensor(name).orElseThrow();
    }

    @Override
    public TreeTable read() {
        long[] features = TreeFormat.integers(attributes, "nodes_featureids");
        long[] missing = TreeFormat.integers(attributes, MISSING);
        Tensor modes = tensor("nodes_modes");
        Tensor splits = tensor("nodes_splits");
        Tensor sets = attributes.tensor("membership_values").orElse(Tensor.of(new float[0], 0));
        int n = features.length;
        Test[] tests = new Test[n];
        int member = 0;
        for (int i = 0; i < n; i++) {
            String mode = MODES.get((int) modes.getLong(i));
            Members members = Members.NONE;
            if (mode.equals(MEMBER)) {
                int end = member;
                while (end < sets.size() && !Double.isNaN(sets.getDouble(end))) {
                    end++;
                }
                double[] set = new double[end - member];
                for (int k = 0; k < set.length; k++) {
                    set[k] = sets.getDouble(member + k);
                }
                members = new Members(set);
                member = end + 1;
            }
            long bits = Double.doubleToRawLongBits(splits.getDouble(i));
            tests[i] = new Test(mode, features[i], bits, members, i < missing.length && missing[i] == 1);
        }
        long[] targets = TreeFormat.integers(attributes, "leaf_targetids");
        Tensor weights = tensor("leaf_weights");
        return new TreeTable(
                tests,
                children("nodes_truenodeids", "nodes_trueleafs"),
                children("nodes_falsenodeids", "nodes_falseleafs"),
                Arrays.stream(TreeFormat.integers(attributes, "tree_roots"))
                        .mapToInt(r -> (int) r)
                        .toArray(),
                Arrays.stream(targets).mapToObj(t -> new int[] {(int) t}).toArray(int[][]::new),
                Arrays.stream(weights.toDoubleArray())
                        .mapToObj(w -> new double[] {w})
                        .toArray(double[][]::new));
    }

    private int[] children(String ids, String leafs) {
        long[] at = TreeFormat.integers(attributes, ids);
        long[] isLeaf = TreeFormat.integers(attributes, leafs);
        int[] children = new int[at.length];
        Arrays.setAll(children, i -> isLeaf[i] != 0 ? ~(int) at[i] : (int) at[i]);
        return children;
    }

    @Override
    public Op write(TreeTable table) {
        DType type = tensor("nodes_splits").dtype();
        int n = table.tests.length;
        List<Long> features = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        List<Double> members = new ArrayList<>();
        Tensor modes = Tensor.allocate(DType.UINT8, n);
        Tensor splits = Tensor.allocate(type, n);
        for (int i = 0; i < n; i++) {
            Test test = table.tests[i];
            features.add(test.feature());
            missing.add(test.missingTrue() ? 1L : 0L);
            modes.setLong(i, MODES.indexOf(test.mode()));
            splits.setDouble(i, Double.longBitsToDouble(test.value()));
            if (test.mode().equals(MEMBER)) {
                Arrays.stream(test.members().values()).forEach(members::add);
                members.add(Double.NaN);
            }
        }
        Attributes a = attributes
                .with("nodes_featureids", features)
                .with("nodes_modes", modes)
                .with("nodes_splits", splits)
                .with(
                        "tree_roots",
                        Arrays.stream(table.roots).mapToObj(r -> (long) r).toList());
        if (attributes.has(MISSING)) {
            a = a.with(MISSING, missing);
        }
        if (attributes.has("membership_values")) {
            double[] all = members.stream().mapToDouble(Double::doubleValue).toArray();
            a = a.with("membership_values", Tensor.convert(type, all, all.length));
        }
        a = links(a, "true", table.yes);
        a = links(a, "false", table.no);
        double[] weights = Arrays.stream(table.weights).mapToDouble(w -> w[0]).toArray();
        return TreeEnsemble.of(a.with(
                        "leaf_targetids",
                        Arrays.stream(table.targets).map(t -> (long) t[0]).toList())
                .with("leaf_weights", Tensor.convert(type, weights, weights.length)));
    }

    private static Attributes links(Attributes a, String side, int[] children) {
        List<Long> at = new ArrayList<>();
        List<Long> isLeaf = new ArrayList<>();
        for (int child : children) {
            at.add((long) (child < 0 ? ~child : child));
            isLeaf.add(child < 0 ? 1L : 0L);
        }
        return a.with("nodes_" + side + "nodeids", at).with("nodes_" + side + "leafs", isLeaf);
    }
}
