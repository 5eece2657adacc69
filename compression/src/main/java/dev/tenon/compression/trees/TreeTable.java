package dev.tenon.compression.trees;

import java.util.Arrays;

/**
 * Trees as tables. A child is the number of a node, or {@code ~n} for leaf n. Nodes and leaves may have several parents.
 * Arrays belong to the table and are not changed after it was made.
 */
final class TreeTable {
    /** The test of each node. */
    final Test[] tests;

    /** The child of each node where its test is true. */
    final int[] yes;

    /** The child of each node where its test is false. */
    final int[] no;

    /** The root of each tree. */
    final int[] roots;

    /** The targets of the weights of each leaf. */
    final int[][] targets;

    /** The weights of each leaf, in the order of its targets. */
    final double[][] weights;

    /**
     * A test on a feature.
     *
     * @param mode the name of the comparison, as in the attributes of TreeEnsembleClassifier; BRANCH_MEMBER for a set
     * @param feature the feature
     * @param value the number to compare with, as bits of a double
     * @param members the set; empty for other tests
     * @param missingTrue whether NaN counts as true
     */
    record Test(String mode, long feature, long value, Members members, boolean missingTrue) {
        /** Whether a value passes. */
        boolean passes(double x) {
            double t = Double.longBitsToDouble(value);
            boolean passes =
                    switch (mode) {
                        case "BRANCH_LEQ" -> x <= t;
                        case "BRANCH_LT" -> x < t;
                        case "BRANCH_GTE" -> x >= t;
                        case "BRANCH_GT" -> x > t;
                        case "BRANCH_EQ" -> x == t;
                        case "BRANCH_NEQ" -> x != t;
                        default -> members.contains(x);
                    };
            return passes || missingTrue && Double.isNaN(x);
        }
    }

    /** A set of numbers, ascending. */
    static final class Members {
        static final Members NONE = new Members(new double[0]);

        private final double[] values;

        /** A set of numbers in any order. A zero has no sign. */
        Members(double[] values) {
            this.values = Arrays.stream(values).map(v -> v + 0.0).sorted().toArray();
        }

        boolean contains(double x) {
            return Arrays.binarySearch(values, x + 0.0) >= 0;
        }

        double[] values() {
            return values;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Members m && Arrays.equals(values, m.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    TreeTable(Test[] tests, int[] yes, int[] no, int[] roots, int[][] targets, double[][] weights) {
        this.tests = tests;
        this.yes = yes;
        this.no = no;
        this.roots = roots;
        this.targets = targets;
        this.weights = weights;
    }

    int trees() {
        return roots.length;
    }

    /** The number of nodes, leaves included. */
    int size() {
        return tests.length + targets.length;
    }

    /** The number of weights of all leaves. */
    int weightCount() {
        return Arrays.stream(weights).mapToInt(w -> w.length).sum();
    }

    /** The leaf that a row reaches in a tree. */
    int leaf(int tree, double[] row) {
        int at = roots[tree];
        while (at >= 0) {
            at = tests[at].passes(row[(int) tests[at].feature()]) ? yes[at] : no[at];
        }
        return ~at;
    }

    /** The largest feature that is tested, plus one. */
    int features() {
        return (int) Arrays.stream(tests).mapToLong(t -> t.feature() + 1).max().orElse(0);
    }
}
