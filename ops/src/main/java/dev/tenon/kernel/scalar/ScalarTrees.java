package dev.tenon.kernel.scalar;

import static dev.tenon.kernel.TreeLayout.COLUMN;
import static dev.tenon.kernel.TreeLayout.LEAF;
import static dev.tenon.kernel.TreeLayout.PAIR;
import static dev.tenon.kernel.TreeLayout.RECORD;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.TreeLayout;
import dev.tenon.kernel.TreeProblem;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Trees over rows, tree by tree over a block of rows, so that a tree is in the first cache while the rows of the block walk
 * through it. A walk is a chain of loads each of which needs the one before: four go side by side, four rows in one tree,
 * or four trees for one row. Rows stand in columns, as integers in the order of the numbers, on the heap: an access at a
 * place that was just computed costs one comparison there.
 */
public final class ScalarTrees implements Kernel {
    private static final int BLOCK_BITS = 6;
    private static final int BLOCK = 1 << BLOCK_BITS;
    private static final int SIDE = 4;
    private static final int CHECK_EVERY = 4;
    private static final long PART_NANOS = 50_000;
    private static final int SLOTS = 16;

    /** What a run works in. */
    private static final class Stage {
        private final int[] keys;
        private final long[] wideKeys;
        private final int[] reached = new int[BLOCK];
        private final float[] sums;
        private final double[] wideSums;
        private final double[] row;

        Stage(TreeProblem p, TreeLayout layout) {
            int cells = Math.max(1, layout.columnFeatures.length) * BLOCK;
            int scores = p.forest().targets() * BLOCK;
            boolean doubles = p.x() == DType.FLOAT64;
            keys = doubles ? null : new int[cells];
            wideKeys = doubles ? new long[cells] : null;
            sums = p.wide() ? null : new float[scores];
            wideSums = p.wide() ? new double[scores] : null;
            row = new double[p.forest().targets()];
        }
    }

    private final TreeProblem p;
    private final TreeLayout layout;
    private final RowParts split;
    private final long rowNanos;
    private final int targets;

    /** Whether every leaf has one weight, so that leaf and weight have the same number. */
    private final boolean oneEach;

    private final AtomicReferenceArray<Stage> stages = new AtomicReferenceArray<>(SLOTS);

    /**
     * A kernel.
     *
     * @param p the trees and the rows; operands are the rows, then the labels if the operator has them, then the results
     */
    public ScalarTrees(TreeProblem p) {
        this.p = p;
        this.layout = TreeLayout.of(p.forest(), p.x() == DType.FLOAT64);
        this.targets = p.forest().targets();
        boolean one = true;
        for (int i = 0; i < layout.leafStarts.length; i++) {
            one &= layout.leafStarts[i] == i;
        }
        this.oneEach = one;
        long steps = 0;
        for (int d : layout.depths) {
            steps += Math.min(d, 16) + 1;
        }
        this.rowNanos = Math.max(1, steps);
        long rows = Math.clamp(PART_NANOS / rowNanos, SIDE, BLOCK) / SIDE * SIDE;
        this.split = RowParts.of(p.rows(), 1, rows);
    }

    @Override
    public String id() {
        return "trees_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * rowNanos;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Stage stage = take();
        long last = split.start(to);
        for (long first = split.start(from); first < last; first += BLOCK) {
            block(operands, stage, first, (int) Math.min(BLOCK, last - first));
        }
        give(stage);
    }

    private Stage take() {
        for (int i = 0; i < SLOTS; i++) {
            Stage free = stages.getPlain(i) == null ? null : stages.getAndSet(i, null);
            if (free != null) {
                return free;
            }
        }
        return new Stage(p, layout);
    }

    private void give(Stage stage) {
        for (int i = 0; i < SLOTS; i++) {
            if (stages.getPlain(i) == null && stages.compareAndSet(i, null, stage)) {
                return;
            }
        }
    }

    private void block(MemorySegment[] operands, Stage stage, long first, int rows) {
        if (stage.keys != null) {
            TreeRows.load(operands[0], p, layout, first, rows, stage.keys, BLOCK_BITS);
        } else {
            TreeRows.load(operands[0], p, layout, first, rows, stage.wideKeys, BLOCK_BITS);
        }
        if (p.wide()) {
            Arrays.fill(stage.wideSums, 0, rows * targets, p.aggregate().start());
        } else {
            Arrays.fill(stage.sums, 0, rows * targets, (float) p.aggregate().start());
        }
        int together = rows / SIDE * SIDE;
        for (int t = 0; t < layout.roots.length && together > 0; t++) {
            if (stage.keys != null) {
                walkRows(layout.roots[t], layout.depths[t], stage.keys, together, stage.reached);
            } else {
                walkRows(layout.roots[t], layout.depths[t], stage.wideKeys, together, stage.reached);
            }
            addRows(stage, together);
        }
        for (int r = together; r < rows; r++) {
            row(stage, r);
        }
        finish(operands, stage, first, rows);
    }

    /** All trees for one row. */
    private void row(Stage stage, int r) {
        int trees = layout.roots.length;
        for (int t = 0; t < trees; t += BLOCK) {
            int count = Math.min(BLOCK, trees - t);
            if (stage.keys != null) {
                walkTrees(t, count, stage.keys, r, stage.reached);
            } else {
                walkTrees(t, count, stage.wideKeys, r, stage.reached);
            }
            for (int i = 0; i < count; i++) {
                add(stage, stage.reached[i], r * targets);
            }
        }
    }

    private static int step(int[] records, int[] keys, int at, int r) {
        long t = records[at];
        long x = keys[(records[at + COLUMN] << BLOCK_BITS) + r];
        return records[at + PAIR] + (int) ((t - x) >>> (Long.SIZE - 1)) * RECORD;
    }

    private static int step(int[] records, long[] thresholds, long[] keys, int at, int r) {
        long x = keys[(records[at + COLUMN] << BLOCK_BITS) + r];
        return records[at + PAIR] + (x > thresholds[at / RECORD] ? RECORD : 0);
    }

    private static boolean atLeaves(int[] records, int a, int b, int c, int d) {
        return (records[a + LEAF] | records[b + LEAF] | records[c + LEAF] | records[d + LEAF]) >= 0;
    }

    private void walkRows(int root, int depth, int[] keys, int rows, int[] reached) {
        int[] records = layout.records;
        for (int r = 0; r < rows; r += SIDE) {
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int i = 1; i <= depth; i++) {
                a = step(records, keys, a, r);
                b = step(records, keys, b, r + 1);
                c = step(records, keys, c, r + 2);
                d = step(records, keys, d, r + 3);
                if (i % CHECK_EVERY == 0 && atLeaves(records, a, b, c, d)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF];
            reached[r + 1] = records[b + LEAF];
            reached[r + 2] = records[c + LEAF];
            reached[r + 3] = records[d + LEAF];
        }
    }

    private void walkRows(int root, int depth, long[] keys, int rows, int[] reached) {
        int[] records = layout.records;
        long[] thresholds = layout.thresholds;
        for (int r = 0; r < rows; r += SIDE) {
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int i = 1; i <= depth; i++) {
                a = step(records, thresholds, keys, a, r);
                b = step(records, thresholds, keys, b, r + 1);
                c = step(records, thresholds, keys, c, r + 2);
                d = step(records, thresholds, keys, d, r + 3);
                if (i % CHECK_EVERY == 0 && atLeaves(records, a, b, c, d)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF];
            reached[r + 1] = records[b + LEAF];
            reached[r + 2] = records[c + LEAF];
            reached[r + 3] = records[d + LEAF];
        }
    }

    private void walkTrees(int first, int count, int[] keys, int r, int[] reached) {
        int[] records = layout.records;
        int[] roots = layout.roots;
        for (int t = 0; t < count; t += SIDE) {
            // Behind the last tree the last one again.
            int last = first + count - 1;
            int i = first + t;
            int j = Math.min(i + 1, last);
            int k = Math.min(i + 2, last);
            int l = Math.min(i + 3, last);
            int a = roots[i];
            int b = roots[j];
            int c = roots[k];
            int d = roots[l];
            int depth = depth(i, j, k, l);
            for (int s = 1; s <= depth; s++) {
                a = step(records, keys, a, r);
                b = step(records, keys, b, r);
                c = step(records, keys, c, r);
                d = step(records, keys, d, r);
                if (s % CHECK_EVERY == 0 && atLeaves(records, a, b, c, d)) {
                    break;
                }
            }
            reached[t] = records[a + LEAF];
            reached[t + 1] = records[b + LEAF];
            reached[t + 2] = records[c + LEAF];
            reached[t + 3] = records[d + LEAF];
        }
    }

    private void walkTrees(int first, int count, long[] keys, int r, int[] reached) {
        int[] records = layout.records;
        long[] thresholds = layout.thresholds;
        for (int t = 0; t < count; t++) {
            int at = layout.roots[first + t];
            while (records[at + LEAF] < 0) {
                at = step(records, thresholds, keys, at, r);
            }
            reached[t] = records[at + LEAF];
        }
    }

    private int depth(int i, int j, int k, int l) {
        int[] depths = layout.depths;
        return Math.max(Math.max(depths[i], depths[j]), Math.max(depths[k], depths[l]));
    }

    private void addRows(Stage stage, int rows) {
        if (oneEach && targets == 1 && !p.wide() && p.aggregate().adds()) {
            float[] sums = stage.sums;
            float[] weights = layout.floatWeights;
            int[] reached = stage.reached;
            for (int r = 0; r < rows; r++) {
                sums[r] += weights[reached[r]];
            }
            return;
        }
        for (int r = 0; r < rows; r++) {
            add(stage, stage.reached[r], r * targets);
        }
    }

    /** Takes in the weights of a leaf for the row whose sums begin somewhere. */
    private void add(Stage stage, int leaf, int at) {
        int from = layout.leafStarts[leaf];
        int to = layout.leafStarts[leaf + 1];
        if (!p.aggregate().adds()) {
            extreme(stage, from, to, at);
        } else if (stage.sums != null) {
            float[] sums = stage.sums;
            for (int w = from; w < to; w++) {
                sums[at + layout.targets[w]] += layout.floatWeights[w];
            }
        } else {
            double[] sums = stage.wideSums;
            for (int w = from; w < to; w++) {
                sums[at + layout.targets[w]] += layout.doubleWeights[w];
            }
        }
    }

    private void extreme(Stage stage, int from, int to, int at) {
        for (int w = from; w < to; w++) {
            int k = at + layout.targets[w];
            if (stage.sums != null) {
                stage.sums[k] = (float) p.aggregate().add(stage.sums[k], layout.floatWeights[w], false);
            } else {
                stage.wideSums[k] = p.aggregate().add(stage.wideSums[k], layout.doubleWeights[w], true);
            }
        }
    }

    private void finish(MemorySegment[] operands, Stage stage, long first, int rows) {
        int results = p.labelled() ? 2 : 1;
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < targets; k++) {
                int at = r * targets + k;
                stage.row[k] = stage.sums != null ? stage.sums[at] : stage.wideSums[at];
            }
            int label = p.end().applyAsInt(stage.row);
            if (p.labels() != null) {
                operands[1].setAtIndex(TreeRows.I64, first + r, p.labels()[label]);
            }
            if (p.scores() != null) {
                TreeRows.store(operands[results], p.scores(), (first + r) * targets, stage.row);
            }
        }
    }
}
