package dev.tenon.compression.trees;

import java.util.ArrayList;
import java.util.List;

/** Collects nodes, leaves and roots of a table. */
final class TreeTableBuilder {
    private final List<TreeTable.Test> tests = new ArrayList<>();
    private final List<int[]> children = new ArrayList<>();
    private final List<Integer> roots = new ArrayList<>();
    private final List<int[]> targets = new ArrayList<>();
    private final List<double[]> weights = new ArrayList<>();

    /** Adds a node whose children are not known yet. */
    int node(TreeTable.Test test) {
        tests.add(test);
        children.add(new int[2]);
        return tests.size() - 1;
    }

    void children(int node, int yes, int no) {
        children.set(node, new int[] {yes, no});
    }

    /** Adds a leaf. Returns it as a child. */
    int leaf(int[] leafTargets, double[] leafWeights) {
        targets.add(leafTargets);
        weights.add(leafWeights);
        return ~(targets.size() - 1);
    }

    void root(int at) {
        roots.add(at);
    }

    TreeTable build() {
        return new TreeTable(
                tests.toArray(new TreeTable.Test[0]),
                children.stream().mapToInt(c -> c[0]).toArray(),
                children.stream().mapToInt(c -> c[1]).toArray(),
                roots.stream().mapToInt(Integer::intValue).toArray(),
                targets.toArray(new int[0][]),
                weights.toArray(new double[0][]));
    }
}
