package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.NodeMode;
import java.util.Arrays;

/**
 * The tests of a forest as comparisons {@code x <= t} alone, for features of one width. A comparison that is the other way
 * round swaps its children; one for equality becomes two, and one for membership a search among the members. Where NaN
 * goes is a property of each comparison.
 *
 * <p>Comparison i of the first ones, as many as the forest has nodes, is where node i begins.
 */
final class TreeComparisons {
    private final Forest f;
    private final boolean doubles;
    private int count;
    int[] features;
    double[] thresholds;
    boolean[] never;
    boolean[] nanYes;
    int[] yes;
    int[] no;

    TreeComparisons(Forest f, boolean doubles) {
        this.f = f;
        this.doubles = doubles;
        count = f.nodes();
        grow(count + 16);
        for (int i = 0; i < f.nodes(); i++) {
            translate(i);
        }
    }

    int count() {
        return count;
    }

    private void grow(int size) {
        int old = features == null ? 0 : features.length;
        if (size <= old) {
            return;
        }
        int n = Math.max(size, old + old / 2);
        features = old == 0 ? new int[n] : Arrays.copyOf(features, n);
        thresholds = old == 0 ? new double[n] : Arrays.copyOf(thresholds, n);
        never = old == 0 ? new boolean[n] : Arrays.copyOf(never, n);
        nanYes = old == 0 ? new boolean[n] : Arrays.copyOf(nanYes, n);
        yes = old == 0 ? new int[n] : Arrays.copyOf(yes, n);
        no = old == 0 ? new int[n] : Arrays.copyOf(no, n);
    }

    private void translate(int i) {
        double t = f.split(i);
        boolean missing = f.missingTrue(i);
        int y = f.yes(i);
        int n = f.no(i);
        NodeMode mode = f.mode(i);
        if (mode == NodeMode.BRANCH_MEMBER) {
            membership(i, f.members(i), missing);
        } else if (Double.isNaN(t)) {
            // Nothing but inequality holds with NaN, and that does for every feature.
            boolean unequal = mode == NodeMode.BRANCH_NEQ;
            put(i, f.feature(i), Double.NaN, !unequal && missing, unequal ? n : y, unequal ? y : n);
        } else {
            compare(i, mode, t, missing);
        }
    }

    private void compare(int i, NodeMode mode, double t, boolean missing) {
        int y = f.yes(i);
        int n = f.no(i);
        int feature = f.feature(i);
        switch (mode) {
            case BRANCH_LEQ -> put(i, feature, upTo(t), missing, y, n);
            case BRANCH_LT -> put(i, feature, below(t), missing, y, n);
            case BRANCH_GTE -> put(i, feature, below(t), !missing, n, y);
            case BRANCH_GT -> put(i, feature, upTo(t), !missing, n, y);
            case BRANCH_EQ -> equality(i, feature, t, missing, y, n);
            case BRANCH_NEQ -> equality(i, feature, t, false, n, y);
            default -> throw new IllegalStateException(mode.name());
        }
    }

    /** Two comparisons: at most t, and then not below it. NaN passes the first if it is to count as equal. */
    private void equality(int i, int feature, double t, boolean missing, int y, int n) {
        if (upTo(t) != t) {
            put(i, feature, Double.NaN, missing, y, n);
            return;
        }
        int second = next();
        put(i, feature, t, missing, second, n);
        put(second, feature, below(t), false, n, y);
    }

    /** A search among the regions that the members cut the line into: those of odd number are members. */
    private void membership(int i, double[] members, boolean missing) {
        double[] bounds = new double[2 * members.length];
        int m = 0;
        for (double v : members) {
            if (upTo(v) == v) {
                bounds[m++] = below(v);
                bounds[m++] = v;
            }
        }
        int feature = f.feature(i);
        if (m == 0) {
            put(i, feature, Double.NaN, missing, f.yes(i), f.no(i));
        } else if (missing) {
            int search = next();
            put(i, feature, Double.POSITIVE_INFINITY, false, search, f.yes(i));
            search(search, i, bounds, 0, m);
        } else {
            search(i, i, bounds, 0, m);
        }
    }

    private void search(int at, int node, double[] bounds, int from, int to) {
        int middle = (from + to - 1) >>> 1;
        int low = region(node, bounds, from, middle);
        int high = region(node, bounds, middle + 1, to);
        put(at, f.feature(node), bounds[middle], false, low, high);
    }

    private int region(int node, double[] bounds, int from, int to) {
        if (from == to) {
            return from % 2 == 1 ? f.yes(node) : f.no(node);
        }
        int at = next();
        search(at, node, bounds, from, to);
        return at;
    }

    private int next() {
        grow(count + 1);
        return count++;
    }

    /** Sets a comparison; one with NaN never holds. */
    private void put(int i, int feature, double threshold, boolean nan, int y, int n) {
        features[i] = feature;
        thresholds[i] = threshold;
        never[i] = Double.isNaN(threshold);
        nanYes[i] = nan;
        yes[i] = y;
        no[i] = n;
    }

    /** The largest number of the features' width that is at most t. */
    private double upTo(double t) {
        if (doubles) {
            return t;
        }
        float x = (float) t;
        return x > t ? Math.nextDown(x) : x;
    }

    /** The largest number of the features' width that is below t; NaN if there is none. */
    private double below(double t) {
        if (t == Double.NEGATIVE_INFINITY) {
            return Double.NaN;
        }
        if (doubles) {
            return Math.nextDown(t);
        }
        float x = (float) t;
        return x >= t ? Math.nextDown(x) : x;
    }
}
