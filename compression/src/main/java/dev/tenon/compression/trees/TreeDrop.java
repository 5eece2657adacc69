package dev.tenon.compression.trees;

import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drops trees of one operator, and lets the others stand in for them. Trees that vote, whose leaves all have weights of the same
 * sum and none below 0, get factors that keep the sum of the scores. For others the mean of what was lost is added to the leaves
 * of one tree, since a row reaches one of them.
 */
final class TreeDrop {
    /** The most trees of a matrix of second moments. More trees are ranked in groups of this size. */
    private static final int GROUP = 1024;

    private static final double EQUAL_SUMS = 1e-3;

    private final TreeTable table;
    private final TreeFormat format;
    private final boolean isVoting;
    private final List<TreeGram> grams = new ArrayList<>();
    private final List<TreeElimination> eliminations = new ArrayList<>();

    /**
     * Ranks the trees of an operator.
     *
     * @param table the trees
     * @param format the form of the operator
     * @param countsNear whether rows count more where two classes are close, if the trees vote for classes
     */
    TreeDrop(TreeTable table, TreeFormat format, boolean countsNear) {
        this.table = table;
        this.format = format;
        this.isVoting = isVoting(table);
        for (int from = 0; from < table.trees(); from += GROUP) {
            grams.add(new TreeGram(
                    group(table, from, Math.min(table.trees(), from + GROUP)),
                    format.targets(),
                    isVoting,
                    isVoting && countsNear));
        }
    }

    private static TreeTable group(TreeTable table, int from, int to) {
        int[] roots = Arrays.copyOfRange(table.roots, from, to);
        return new TreeTable(table.tests, table.yes, table.no, roots, table.targets, table.weights);
    }

    private static boolean isVoting(TreeTable table) {
        double first = Arrays.stream(table.weights[0]).sum();
        for (double[] leaf : table.weights) {
            boolean isVote = Arrays.stream(leaf).allMatch(w -> w >= 0);
            if (!isVote || !(Math.abs(Arrays.stream(leaf).sum() - first) <= EQUAL_SUMS * first)) {
                return false;
            }
        }
        return first > 0;
    }

    /** Whether trees can be dropped: there are several, and their weights are added. */
    static boolean isPossible(TreeTable table, TreeFormat format) {
        boolean adds = format.aggregate().equals("SUM") || format.aggregate().equals("AVERAGE");
        return adds && table.trees() > 1;
    }

    /** Whether the trees vote for classes. */
    boolean isVoting() {
        return isVoting;
    }

    /** Adds rows of the operator's input. */
    void add(Tensor x) {
        grams.forEach(g -> g.add(x));
    }

    /** Ranks the trees by the rows that were added. */
    void rank() {
        grams.forEach(g -> eliminations.add(new TreeElimination(g.moments())));
    }

    /** The number of trees that can be dropped: each group keeps one. */
    int most() {
        return table.trees() - grams.size();
    }

    /**
     * Drops trees.
     *
     * @param count the number of trees to drop, in [0, {@link #most}]
     * @return the other trees; null if they would decide in another way than the operator does now
     */
    TreeTable dropped(int count) {
        if (count == 0) {
            return table;
        }
        double[] factors = new double[table.trees()];
        int left = count;
        for (int g = 0; g < grams.size(); g++) {
            int from = g * GROUP;
            int size = Math.min(table.trees(), from + GROUP) - from;
            int gone = g == grams.size() - 1
                    ? Math.min(left, size - 1)
                    : Math.min(left, (int) ((long) count * (size - 1) / most()));
            left -= gone;
            System.arraycopy(eliminations.get(g).factors(gone), 0, factors, from, size);
        }
        double sum = 0;
        int kept = 0;
        for (int t = 0; t < factors.length; t++) {
            factors[t] = isVoting ? Math.max(0, factors[t]) : factors[t];
            sum += factors[t];
            kept += factors[t] != 0 ? 1 : 0;
        }
        if (kept == 0) {
            return null;
        }
        double[] lost = isVoting ? new double[format.targets()] : lost(factors);
        double scale = format.aggregate().equals("AVERAGE") ? (double) kept / factors.length : 1;
        double perTree = scale * (isVoting ? factors.length / sum : 1);
        TreeTable result = scaled(factors, perTree);
        add(result, lost, scale);
        return decidesAlike(result) ? result : null;
    }

    /** The mean that the factors take away from each target. */
    private double[] lost(double[] factors) {
        double[] lost = new double[format.targets()];
        for (int t = 0; t < factors.length; t++) {
            for (int k = 0; k < lost.length; k++) {
                lost[k] += (1 - factors[t]) * grams.get(t / GROUP).mean(t % GROUP, k);
            }
        }
        return lost;
    }

    /** Copies the trees whose factor is not 0, each with leaves of its own. */
    private TreeTable scaled(double[] factors, double scale) {
        TreeTableBuilder copy = new TreeTableBuilder();
        for (int t = 0; t < factors.length; t++) {
            if (factors[t] == 0) {
                continue;
            }
            double factor = factors[t] * scale;
            Map<Integer, Integer> places = new HashMap<>();
            List<Integer> open = new ArrayList<>(List.of(table.roots[t]));
            while (!open.isEmpty()) {
                int at = open.removeLast();
                if (places.containsKey(at)) {
                    continue;
                }
                if (at < 0) {
                    double[] weights = Arrays.stream(table.weights[~at])
                            .map(w -> w * factor)
                            .toArray();
                    places.put(at, copy.leaf(table.targets[~at], weights));
                } else {
                    places.put(at, copy.node(table.tests[at]));
                    open.add(table.yes[at]);
                    open.add(table.no[at]);
                }
            }
            places.forEach((from, to) -> {
                if (from >= 0) {
                    copy.children(to, places.get(table.yes[from]), places.get(table.no[from]));
                }
            });
            copy.root(places.get(table.roots[t]));
        }
        return copy.build();
    }

    /** Adds to each target what was lost, in the leaves of the first tree that has a weight for it in each of them. */
    private void add(TreeTable result, double[] lost, double scale) {
        for (int k = 0; k < lost.length; k++) {
            if (lost[k] == 0) {
                continue;
            }
            for (int t = 0; t < result.trees(); t++) {
                List<Integer> leaves = leaves(result, t);
                int target = k;
                if (leaves.stream().allMatch(leaf -> place(result, leaf, target) >= 0)) {
                    double more = lost[k] * scale;
                    leaves.forEach(leaf -> result.weights[leaf][place(result, leaf, target)] += more);
                    break;
                }
            }
        }
    }

    private static int place(TreeTable table, int leaf, int target) {
        for (int w = 0; w < table.targets[leaf].length; w++) {
            if (table.targets[leaf][w] == target) {
                return w;
            }
        }
        return -1;
    }

    private static List<Integer> leaves(TreeTable table, int tree) {
        List<Integer> leaves = new ArrayList<>();
        List<Integer> open = new ArrayList<>(List.of(table.roots[tree]));
        boolean[] isSeen = new boolean[table.tests.length];
        boolean[] isSeenLeaf = new boolean[table.targets.length];
        while (!open.isEmpty()) {
            int at = open.removeLast();
            if (at < 0) {
                if (!isSeenLeaf[~at]) {
                    isSeenLeaf[~at] = true;
                    leaves.add(~at);
                }
            } else if (!isSeen[at]) {
                isSeen[at] = true;
                open.add(table.yes[at]);
                open.add(table.no[at]);
            }
        }
        return leaves;
    }

    /**
     * Whether the label of two classes is decided by the same rule, which depends on whether a weight is negative and on the
     * classes that have weights.
     */
    private boolean decidesAlike(TreeTable result) {
        if (!format.isClassifier() || format.targets() != 2) {
            return true;
        }
        return hasNegative(table) == hasNegative(result)
                && has(table, 0) == has(result, 0)
                && has(table, 1) == has(result, 1);
    }

    private static boolean hasNegative(TreeTable table) {
        return Arrays.stream(table.weights).flatMapToDouble(Arrays::stream).anyMatch(w -> w < 0);
    }

    private static boolean has(TreeTable table, int target) {
        return Arrays.stream(table.targets).flatMapToInt(Arrays::stream).anyMatch(k -> k == target);
    }
}
