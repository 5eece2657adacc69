package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A forest in the form that machine code walks through: comparisons {@code x <= t} as records in native memory, tree
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

    private static final long NARROW_MASK = 0xFFFFFFFFL;
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

    private TreeRecords(Forest f, TreeComparisons nodes, RecordOrder order, boolean wide, TreeWeights weights) {
        this.wide = wide;
        this.doubles = nodes.areDouble();
        this.columnFeatures = nodes.columnFeatures;
        this.nanIsLowest = nodes.nanIsLowest;
        this.weights = weights;
        this.records = records(f, nodes, order, wide, weights);
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
        TreeComparisons nodes = new TreeComparisons(f, doubles);
        int columns = nodes.columnFeatures.length;
        if (columns >= MAX_COLUMNS) {
            return null;
        }
        RecordOrder order = RecordOrder.of(f, nodes, MAX_COPIES * (2L * f.nodes() + f.trees() + 1));
        if (order == null) {
            return null;
        }
        boolean wide = doubles || !order.distancesFit() || columns >= MAX_NARROW_COLUMNS;
        // A narrow record has no room for a double.
        TreeWeights weights = order.treesHaveOneTarget() && (wide || !sumsInDouble)
                ? TreeWeights.inLeaves(sumsInDouble)
                : TreeWeights.table(f, sumsInDouble);
        return weights == null ? null : new TreeRecords(f, nodes, order, wide, weights);
    }

    private static MemorySegment records(
            Forest f, TreeComparisons nodes, RecordOrder order, boolean wide, TreeWeights weights) {
        long[] all = new long[Math.multiplyExact(wide ? 2 : 1, order.size())];
        for (int i = 0; i < order.size(); i++) {
            put(all, i, f, nodes, order, wide, weights);
        }
        MemorySegment to = Tensor.allocateNative(DType.INT64, all.length).segment();
        MemorySegment.copy(all, 0, to, LITTLE_ENDIAN, 0, all.length);
        return to;
    }

    /** The key of a comparison's threshold, with 0 for the lowest one of a signed type. */
    private static long threshold(TreeComparisons nodes, int comparison) {
        return nodes.areDouble()
                ? nodes.keys[comparison] ^ Long.MIN_VALUE
                : (nodes.keys[comparison] ^ Integer.MIN_VALUE) & NARROW_MASK;
    }

    private static void put(
            long[] all, int i, Forest f, TreeComparisons nodes, RecordOrder order, boolean wide, TreeWeights weights) {
        int source = order.source(i);
        long first = source < 0 ? leafField(f, weights, ~source) : threshold(nodes, source);
        long column = source < 0 ? 0 : WALKS * (nodes.column(source) + 1L);
        long distance = order.distance(i);
        if (wide) {
            all[2 * i] = first;
            all[2 * i + 1] = column | distance << Integer.SIZE;
        } else {
            all[i] = first | column << Integer.SIZE | distance << Integer.SIZE + Short.SIZE;
        }
    }

    /** The weight of a leaf, or the offset of its weights in the table. */
    private static long leafField(Forest f, TreeWeights weights, int leaf) {
        if (!weights.areInLeaves()) {
            return (long) leaf * weights.rowBytes();
        }
        double weight = leaf == f.leaves() ? -0.0 : f.weight(f.leafStart(leaf));
        return weights.doubles()
                ? Double.doubleToRawLongBits(weight)
                : Integer.toUnsignedLong(Float.floatToRawIntBits((float) weight));
    }

    private static int sumsOffset(RecordOrder order, TreeWeights weights, int tree) {
        return weights.areInLeaves() ? order.target(tree) * WALKS * weights.sumBytes() : 0;
    }

    private static MemorySegment trees(RecordOrder order, TreeWeights weights) {
        int[] all = new int[Math.multiplyExact(Math.max(1, order.trees()), TREE_BYTES / Integer.BYTES)];
        for (int t = 0; t < order.trees(); t++) {
            int at = t * (TREE_BYTES / Integer.BYTES);
            all[at] = order.root(t);
            all[at + TREE_STEPS / Integer.BYTES] = order.steps(t);
            all[at + TREE_CHECKS / Integer.BYTES] = order.isDeep(t) ? 1 : 0;
            all[at + TREE_SUMS / Integer.BYTES] = sumsOffset(order, weights, t);
        }
        return inMemory(all);
    }

    private static MemorySegment groups(RecordOrder order, TreeWeights weights) {
        int count = Math.ceilDiv(order.trees(), WALKS);
        int[] all = new int[Math.multiplyExact(Math.max(1, count), GROUP_BYTES / Integer.BYTES)];
        for (int g = 0; g < count; g++) {
            int at = g * (GROUP_BYTES / Integer.BYTES);
            int steps = 0;
            boolean checks = false;
            // Record 0 is a leaf without weight, for the trees that are missing in the last group.
            for (int i = 0; i < WALKS && g * WALKS + i < order.trees(); i++) {
                int t = g * WALKS + i;
                all[at + i] = order.root(t);
                all[at + GROUP_SUMS / Integer.BYTES + i] = sumsOffset(order, weights, t);
                steps = Math.max(steps, order.steps(t));
                checks |= order.isDeep(t);
            }
            all[at + GROUP_STEPS / Integer.BYTES] = steps;
            all[at + GROUP_CHECKS / Integer.BYTES] = checks ? 1 : 0;
        }
        return inMemory(all);
    }

    private static MemorySegment inMemory(int[] all) {
        MemorySegment to = Tensor.allocateNative(DType.INT32, all.length).segment();
        MemorySegment.copy(all, 0, to, ValueLayout.JAVA_INT, 0, all.length);
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
}
