package dev.tenon.compression.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Grows one tree by the gradients and second derivatives of a loss: always the leaf is split whose split gains most. The gain of sums
 * G and H is half of the sum over outputs of G&sup2; / (H + l), the weight of a leaf -G / (H + l) (Chen and Guestrin, "XGBoost: A
 * Scalable Tree Boosting System", 2016, equations 5 and 7). Sums are made row by row in one order.
 */
final class TreeGrowth {
    /** Keeps weights finite where a loss is flat. */
    private static final double PENALTY = 1;

    private final BinnedColumns table;
    private final Shape shape;
    private final int outputs;

    /** The rows, those of a leaf beside each other. */
    private final int[] rows;

    /**
     * The shape of a tree.
     *
     * @param outputs the outputs of each leaf
     * @param isRelative whether only differences of outputs matter, so that the first one stays 0 and is left out
     * @param leaves the most leaves
     * @param depth the most tests of a row
     * @param leastRows the fewest rows of a leaf
     */
    record Shape(int outputs, boolean isRelative, int leaves, int depth, int leastRows) {}

    /**
     * A leaf that may be split.
     *
     * @param parent the node above it, and which of its children this is: 0 if the test is true, 1 if it is not
     * @param from its first row
     * @param to the end of its rows
     * @param depth the tests that lead to it
     * @param sums gradients, then second derivatives
     * @param split the best split; null for none
     */
    private record Leaf(Place parent, int from, int to, int depth, double[] sums, Split split) {}

    private record Place(int[] children, int side) {}

    private record Split(int column, int bin, double gain) {}

    TreeGrowth(BinnedColumns table, Shape shape) {
        this.table = table;
        this.shape = shape;
        this.outputs = shape.outputs;
        this.rows = new int[table.rows()];
    }

    /**
     * Adds a tree.
     *
     * @param derivatives for each row the gradients of all outputs, then their second derivatives
     * @param rate what weights of leaves are multiplied with
     * @param scores the scores of each row, to which the tree's are added
     * @param trees gets the tree
     */
    void grow(double[] derivatives, double rate, double[] scores, TreeTableBuilder trees) {
        Arrays.setAll(rows, i -> i);
        Map<Integer, int[]> nodes = new LinkedHashMap<>();
        int[] root = new int[1];
        PriorityQueue<Leaf> open = new PriorityQueue<>(
                Comparator.comparingDouble((Leaf leaf) -> -leaf.split.gain).thenComparingInt(leaf -> leaf.from));
        List<Leaf> closed = new ArrayList<>();
        Consumer<Leaf> add = leaf -> (leaf.split == null ? closed : open).add(leaf);
        add.accept(leaf(new Place(root, 0), 0, rows.length, 0, derivatives));
        while (!open.isEmpty() && nodes.size() < shape.leaves - 1) {
            Leaf leaf = open.poll();
            double bound = table.bound(leaf.split.column, leaf.split.bin);
            int node = trees.node(new TreeTable.Test(
                    "BRANCH_LEQ", leaf.split.column, Double.doubleToRawLongBits(bound), TreeTable.Members.NONE, false));
            leaf.parent.children[leaf.parent.side] = node;
            int[] children = nodes.computeIfAbsent(node, absent -> new int[2]);
            int middle = partition(leaf);
            add.accept(leaf(new Place(children, 0), leaf.from, middle, leaf.depth + 1, derivatives));
            add.accept(leaf(new Place(children, 1), middle, leaf.to, leaf.depth + 1, derivatives));
        }
        closed.addAll(open);
        closed.sort(Comparator.comparingInt(leaf -> leaf.from));
        closed.forEach(leaf -> leaf.parent.children[leaf.parent.side] = close(leaf, rate, scores, trees));
        nodes.forEach((node, children) -> trees.children(node, children[0], children[1]));
        trees.root(root[0]);
    }

    /** Adds a leaf to the trees, and its weights to the scores of its rows. */
    private int close(Leaf leaf, double rate, double[] scores, TreeTableBuilder trees) {
        double[] weights = new double[outputs];
        for (int k = 0; k < outputs; k++) {
            weights[k] = -rate * leaf.sums[k] / (leaf.sums[outputs + k] + PENALTY);
        }
        for (int k = outputs - 1; k >= 0; k--) {
            weights[k] = (float) (weights[k] - (shape.isRelative ? weights[0] : 0));
        }
        for (int i = leaf.from; i < leaf.to; i++) {
            for (int k = 0; k < outputs; k++) {
                scores[rows[i] * outputs + k] += weights[k];
            }
        }
        int first = shape.isRelative ? 1 : 0;
        return trees.leaf(IntStream.range(first, outputs).toArray(), Arrays.copyOfRange(weights, first, outputs));
    }

    /** Moves the rows that pass a leaf's test before the others, all in their order. Returns where the others begin. */
    private int partition(Leaf leaf) {
        int[] others = new int[leaf.to - leaf.from];
        int yes = leaf.from;
        int no = 0;
        for (int i = leaf.from; i < leaf.to; i++) {
            if (table.bin(leaf.split.column, rows[i]) <= leaf.split.bin) {
                rows[yes++] = rows[i];
            } else {
                others[no++] = rows[i];
            }
        }
        System.arraycopy(others, 0, rows, yes, no);
        return yes;
    }

    private Leaf leaf(Place parent, int from, int to, int depth, double[] derivatives) {
        int width = 2 * outputs;
        double[] sums = new double[width];
        for (int i = from; i < to; i++) {
            for (int k = 0; k < width; k++) {
                sums[k] += derivatives[rows[i] * width + k];
            }
        }
        Split best = null;
        boolean isSplit = depth < shape.depth && to - from >= 2 * shape.leastRows;
        for (int c = 0; c < table.columns() && isSplit; c++) {
            Split split = split(c, from, to, sums, derivatives);
            best = split != null && (best == null || split.gain > best.gain) ? split : best;
        }
        return new Leaf(parent, from, to, depth, sums, best);
    }

    /** The best split of a column; null if none gains anything. */
    private Split split(int column, int from, int to, double[] sums, double[] derivatives) {
        int width = 2 * outputs;
        int bins = table.count(column);
        double[] inBins = new double[bins * width];
        int[] counts = new int[bins];
        for (int i = from; i < to; i++) {
            int bin = table.bin(column, rows[i]);
            counts[bin]++;
            for (int k = 0; k < width; k++) {
                inBins[bin * width + k] += derivatives[rows[i] * width + k];
            }
        }
        double[] yes = new double[width];
        double[] no = new double[width];
        double whole = gain(sums);
        Split best = null;
        int count = 0;
        for (int bin = 0; bin < bins - 1; bin++) {
            count += counts[bin];
            for (int k = 0; k < width; k++) {
                yes[k] += inBins[bin * width + k];
                no[k] = sums[k] - yes[k];
            }
            if (counts[bin] == 0 || count < shape.leastRows || to - from - count < shape.leastRows) {
                continue;
            }
            double gain = gain(yes) + gain(no) - whole;
            if (gain > Math.ulp(whole) * rows.length && (best == null || gain > best.gain)) {
                best = new Split(column, bin, gain);
            }
        }
        return best;
    }

    private double gain(double[] sums) {
        double gain = 0;
        for (int k = 0; k < outputs; k++) {
            gain += sums[k] * sums[k] / (sums[outputs + k] + PENALTY);
        }
        return gain;
    }
}
