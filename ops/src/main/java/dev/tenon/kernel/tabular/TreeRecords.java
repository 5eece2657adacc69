package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A forest in the form that machine code walks through: the comparisons of {@link TreeLayout} as records in native memory, tree
 * by tree, in breadth-first order. Keys are unsigned here.
 *
 * <p>A record is a threshold, a column, and the distance from the record to its first child, counted in records. A step is
 * {@code at += distance + (key > threshold ? 1 : 0)}. The distance of a leaf is 0, and its column is the first one, which is
 * always 0 and so never above a threshold. So a leaf has room for a weight, or for the place of its weights, where others have
 * their thresholds. Records of float features have 8 bytes: threshold, column and distance of 4, 2 and 2 bytes. Other records,
 * and those of very large trees, have 16 bytes: 8, 4 and 4.
 *
 * <p>Immutable. Kernels read its memory directly and must not change it.
 */
public final class TreeRecords {
    /** The number of walks that are interleaved, and of the rows whose keys are stored side by side. */
    public static final int WALKS = 8;

    /** The size of the description of a tree: its first record, steps, whether to check for the end, and its target. */
    public static final int TREE_BYTES = 16;

    /** The size of the description of trees that are walked together. */
    public static final int GROUP_BYTES = 80;

    /** The place in a description of a tree of the steps to take without a check; {@link #GROUP_STEPS} in one of a group. */
    public static final int TREE_STEPS = 4;

    /** The place in a description of a tree of a number that is not 0 if further steps, with checks, follow. */
    public static final int TREE_CHECKS = 8;

    /** The place in a description of a tree of the offset of its sums; in a group they follow the offsets of the records. */
    public static final int TREE_SUMS = 12;

    /** The place in a description of a group of the offsets of the sums. */
    public static final int GROUP_SUMS = Integer.BYTES * WALKS;

    /** The place in a description of a group of the steps to take without a check. */
    public static final int GROUP_STEPS = 2 * GROUP_SUMS;

    /** The place in a description of a group of a number that is not 0 if further steps, with checks, follow. */
    public static final int GROUP_CHECKS = GROUP_STEPS + Integer.BYTES;

    private static final ValueLayout.OfLong LITTLE_ENDIAN = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAX_NARROW_COLUMNS = (1 << Short.SIZE) / WALKS;
    private static final int MAX_COLUMNS = 1 << 16;

    /** The most records of the trees, if they share many nodes, in proportion to the nodes. */
    private static final int MAX_COPIES = 4;

    /** The forms of a forest by kind of elements and of sums, each made at its first use. */
    static final class Variants {
        private static final Object REFUSED = new Object();
        private final Forest forest;
        private final AtomicReferenceArray<Object> made = new AtomicReferenceArray<>(4);

        Variants(Forest forest) {
            this.forest = forest;
        }

        TreeRecords of(boolean doubles, boolean sumsInDouble) {
            int variant = (doubles ? 2 : 0) + (sumsInDouble ? 1 : 0);
            Object form = made.get(variant);
            if (form == null) {
                TreeRecords records = make(forest, doubles, sumsInDouble);
                form = records == null ? REFUSED : records;
                made.set(variant, form);
            }
            return form instanceof TreeRecords records ? records : null;
        }
    }

    private final boolean wide;
    private final boolean doubles;
    private final int[] columnFeatures;
    private final boolean[] nanIsLowest;
    private final MemorySegment records;
    private final MemorySegment trees;
    private final MemorySegment groups;
    private final TreeWeights weights;
    private final long steps;

    private TreeRecords(TreeLayout layout, boolean doubles, BreadthFirst order, TreeWeights weights) {
        this.wide = order.wide;
        this.doubles = doubles;
        this.columnFeatures = layout.columnFeatures;
        this.nanIsLowest = layout.nanIsLowest;
        this.weights = weights;
        this.records = records(layout, order, weights);
        this.trees = trees(order, weights);
        this.groups = groups(order, weights);
        long sum = 0;
        for (int t = 0; t < order.trees(); t++) {
            sum += order.steps(t) + 1;
        }
        this.steps = sum;
    }

    /**
     * The form of a forest for machine code. It is made once and kept with the forest.
     *
     * @param f the forest
     * @param doubles whether features are double rather than float
     * @param sumsInDouble whether sums are double
     * @return the form; null if the forest does not fit: very many features, leaves with several weights for a target, or trees
     *     that share most of their nodes
     */
    public static TreeRecords of(Forest f, boolean doubles, boolean sumsInDouble) {
        return f.derived(Variants.class, Variants::new).of(doubles, sumsInDouble);
    }

    private static TreeRecords make(Forest f, boolean doubles, boolean sumsInDouble) {
        // Not kept with the forest: machine code does not need it afterwards.
        TreeLayout layout = new TreeLayout(f, doubles);
        if (layout.columnFeatures.length >= MAX_COLUMNS) {
            return null;
        }
        BreadthFirst order = BreadthFirst.of(layout, MAX_COPIES * (2L * f.nodes() + f.trees() + 1));
        if (order == null) {
            return null;
        }
        order.wide = doubles || !order.distancesFit() || layout.columnFeatures.length >= MAX_NARROW_COLUMNS;
        // A narrow record has no room for a double.
        TreeWeights weights = order.treesHaveOneTarget() && (order.wide || !sumsInDouble)
                ? TreeWeights.inLeaves(sumsInDouble)
                : TreeWeights.table(layout, f.targets(), sumsInDouble);
        return weights == null ? null : new TreeRecords(layout, doubles, order, weights);
    }

    private static MemorySegment records(TreeLayout layout, BreadthFirst order, TreeWeights weights) {
        int longs = order.wide ? 2 : 1;
        long[] all = new long[Math.multiplyExact(longs, order.size())];
        int leaves = layout.leafStarts.length - 1;
        for (int i = 0; i < order.size(); i++) {
            int from = order.source(i);
            int leaf = from < 0 ? leaves : layout.records[from + TreeLayout.LEAF_FIELD];
            long column = 0;
            long threshold;
            if (leaf >= 0) {
                threshold = leafField(layout, weights, leaf);
            } else {
                column = WALKS * (layout.records[from + TreeLayout.COLUMN_FIELD] / TreeLayout.BLOCK_ROWS + 1L);
                threshold = layout.thresholds == null
                        ? Integer.toUnsignedLong(layout.records[from] ^ Integer.MIN_VALUE)
                        : layout.thresholds[from / TreeLayout.RECORD_INTS] ^ Long.MIN_VALUE;
            }
            long distance = order.distance(i);
            if (order.wide) {
                all[2 * i] = threshold;
                all[2 * i + 1] = column | distance << Integer.SIZE;
            } else {
                all[i] = threshold | column << Integer.SIZE | distance << Integer.SIZE + Short.SIZE;
            }
        }
        MemorySegment to = Arena.ofAuto().allocate((long) all.length * Long.BYTES, 64);
        MemorySegment.copy(all, 0, to, LITTLE_ENDIAN, 0, all.length);
        return to;
    }

    /** The weight of a leaf, or the offset of its weights in the table. */
    private static long leafField(TreeLayout layout, TreeWeights weights, int leaf) {
        if (!weights.areInLeaves()) {
            return (long) leaf * weights.rowBytes();
        }
        boolean none = leaf == layout.leafStarts.length - 1;
        if (weights.doubles()) {
            return Double.doubleToRawLongBits(none ? -0.0 : layout.doubleWeights[layout.leafStarts[leaf]]);
        }
        return Integer.toUnsignedLong(
                Float.floatToRawIntBits(none ? -0.0f : layout.floatWeights[layout.leafStarts[leaf]]));
    }

    private static int sumsOffset(BreadthFirst order, TreeWeights weights, int tree) {
        return weights.areInLeaves() ? order.target(tree) * WALKS * weights.sumBytes() : 0;
    }

    private static MemorySegment trees(BreadthFirst order, TreeWeights weights) {
        MemorySegment to = Arena.ofAuto().allocate(Math.max(1L, order.trees()) * TREE_BYTES, 64);
        for (int t = 0; t < order.trees(); t++) {
            long at = (long) t * TREE_BYTES;
            to.set(ValueLayout.JAVA_INT, at, order.root(t));
            to.set(ValueLayout.JAVA_INT, at + TREE_STEPS, order.steps(t));
            to.set(ValueLayout.JAVA_INT, at + TREE_CHECKS, order.isDeep(t) ? 1 : 0);
            to.set(ValueLayout.JAVA_INT, at + TREE_SUMS, sumsOffset(order, weights, t));
        }
        return to;
    }

    private static MemorySegment groups(BreadthFirst order, TreeWeights weights) {
        int count = Math.ceilDiv(order.trees(), WALKS);
        MemorySegment to = Arena.ofAuto().allocate(Math.max(1L, count) * GROUP_BYTES, 64);
        for (int g = 0; g < count; g++) {
            long at = (long) g * GROUP_BYTES;
            int steps = 0;
            boolean checks = false;
            // Record 0 is a leaf without weight, for the trees that are missing in the last group.
            for (int i = 0; i < WALKS && g * WALKS + i < order.trees(); i++) {
                int t = g * WALKS + i;
                to.set(ValueLayout.JAVA_INT, at + (long) Integer.BYTES * i, order.root(t));
                to.set(ValueLayout.JAVA_INT, at + GROUP_SUMS + (long) Integer.BYTES * i, sumsOffset(order, weights, t));
                steps = Math.max(steps, order.steps(t));
                checks |= order.isDeep(t);
            }
            to.set(ValueLayout.JAVA_INT, at + GROUP_STEPS, steps);
            to.set(ValueLayout.JAVA_INT, at + GROUP_CHECKS, checks ? 1 : 0);
        }
        return to;
    }

    /**
     * Whether records have 16 bytes and keys 8, rather than 8 and 4.
     *
     * @return true if they have
     */
    public boolean isWide() {
        return wide;
    }

    /**
     * Whether keys are those of double features.
     *
     * @return false if they are those of float features
     */
    public boolean hasDoubleFeatures() {
        return doubles;
    }

    /**
     * The number of columns of keys. The first one is always 0; column c + 1 is for {@link #feature} c.
     *
     * @return the number
     */
    public int columns() {
        return columnFeatures.length + 1;
    }

    /**
     * The feature of a column.
     *
     * @param c a column, from 0, not counting the one that is always 0
     * @return the feature
     */
    public int feature(int c) {
        return columnFeatures[c];
    }

    /**
     * The key of NaN in a column: below all numbers, for which every comparison is true, or above.
     *
     * @param c a column, from 0, not counting the one that is always 0
     * @return true if it is below
     */
    public boolean nanIsLowest(int c) {
        return nanIsLowest[c];
    }

    /**
     * The records.
     *
     * @return native memory
     */
    public MemorySegment records() {
        return records;
    }

    /**
     * The descriptions of the trees, {@link #TREE_BYTES} each.
     *
     * @return native memory
     */
    public MemorySegment trees() {
        return trees;
    }

    /**
     * The descriptions of groups of trees, {@link #GROUP_BYTES} each.
     *
     * @return native memory
     */
    public MemorySegment groups() {
        return groups;
    }

    /**
     * The weights.
     *
     * @return the weights
     */
    public TreeWeights weights() {
        return weights;
    }

    /**
     * The steps of a row through all trees, about.
     *
     * @return the number
     */
    public long steps() {
        return steps;
    }

    /** The records of each tree in breadth-first order. */
    private static final class BreadthFirst {
        /** The depth up to which walks take as many steps as the deepest leaf needs, without checks. */
        private static final int SHALLOW = 8;

        private int[] sources = new int[64];
        private int[] distances = new int[64];
        private int size;
        private final int[] roots;
        private final int[] steps;
        private final boolean[] deep;
        private final int[] targets;
        private boolean oneTarget = true;
        private boolean wide;

        private BreadthFirst(int trees) {
            roots = new int[trees];
            steps = new int[trees];
            deep = new boolean[trees];
            targets = new int[trees];
        }

        /** The records of a layout; null if there are more than a number, since trees share nodes. */
        static BreadthFirst of(TreeLayout layout, long most) {
            BreadthFirst order = new BreadthFirst(layout.roots.length);
            order.append(-1);
            int[] placeOf = new int[layout.records.length / TreeLayout.RECORD_INTS];
            for (int t = 0; t < layout.roots.length; t++) {
                order.tree(layout, t, placeOf);
                if (order.size > most) {
                    return null;
                }
            }
            return order;
        }

        private int append(int source) {
            if (size == sources.length) {
                int longer = Math.addExact(size, size);
                sources = Arrays.copyOf(sources, longer);
                distances = Arrays.copyOf(distances, longer);
            }
            sources[size] = source;
            return size++;
        }

        /** Appends a tree. Pairs of children that it reaches on several ways are stored once. */
        private void tree(TreeLayout layout, int t, int[] placeOf) {
            int root = append(layout.roots[t]);
            roots[t] = root;
            targets[t] = -1;
            long leafDepths = 0;
            int leaves = 0;
            int depth = 0;
            int levelEnd = root + 1;
            for (int at = root; at < size; at++) {
                if (at == levelEnd) {
                    depth++;
                    levelEnd = size;
                }
                int record = sources[at];
                int leaf = layout.records[record + TreeLayout.LEAF_FIELD];
                if (leaf >= 0) {
                    meetLeaf(layout, t, leaf);
                    leafDepths += depth;
                    leaves++;
                } else {
                    int child = layout.records[record + TreeLayout.CHILDREN_FIELD];
                    int pair = child / TreeLayout.RECORD_INTS;
                    // A place before the root is one in another tree.
                    if (placeOf[pair] <= root) {
                        placeOf[pair] = append(child);
                        append(child + TreeLayout.RECORD_INTS);
                    }
                    distances[at] = placeOf[pair] - at;
                }
            }
            deep[t] = layout.depths[t] > SHALLOW;
            steps[t] = deep[t] ? (int) (leafDepths / leaves) : layout.depths[t];
        }

        private void meetLeaf(TreeLayout layout, int t, int leaf) {
            int from = layout.leafStarts[leaf];
            if (layout.leafStarts[leaf + 1] - from != 1) {
                oneTarget = false;
                return;
            }
            int target = layout.targets[from];
            oneTarget &= targets[t] < 0 || targets[t] == target;
            targets[t] = target;
        }

        boolean distancesFit() {
            for (int i = 0; i < size; i++) {
                if (distances[i] != (short) distances[i]) {
                    return false;
                }
            }
            return true;
        }

        boolean treesHaveOneTarget() {
            return oneTarget;
        }

        int size() {
            return size;
        }

        int source(int i) {
            return sources[i];
        }

        int distance(int i) {
            return distances[i];
        }

        int trees() {
            return roots.length;
        }

        int root(int t) {
            return roots[t];
        }

        int steps(int t) {
            return steps[t];
        }

        boolean isDeep(int t) {
            return deep[t];
        }

        int target(int t) {
            return targets[t];
        }
    }
}
