package dev.tenon.kernel.scalar.tabular;

import static dev.tenon.kernel.tabular.TreeLayout.BLOCK;
import static dev.tenon.kernel.tabular.TreeLayout.COLUMN;
import static dev.tenon.kernel.tabular.TreeLayout.LEAF;
import static dev.tenon.kernel.tabular.TreeLayout.PAIR;
import static dev.tenon.kernel.tabular.TreeLayout.RECORD;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Trees over rows, tree by tree over a block of rows, so that a tree is in the first cache while the rows of the block walk
 * through it. A walk is a chain of loads each of which needs the one before: eight go side by side, eight rows in one tree,
 * or eight trees for one row. Rows stand in columns, as integers in the order of the numbers, on the heap: an access at a
 * place that was just computed costs one comparison there.
 */
public final class ScalarTrees implements Kernel {
    private static final int SIDE = 8;

    // Walks through deep trees end at very different depths: from here on it is worth asking whether all have.
    private static final int DEEP = 8;
    private static final int CHECK_EVERY = 4;

    private static final long PART_NANOS = 50_000;
    private static final int SLOTS = 16;

    /** What a run works in. */
    private static final class Stage {
        private final int[] keys;
        private final long[] wideKeys;
        private final int[] reached = new int[BLOCK];
        private final TreeSums sums;
        private final double[] row;

        Stage(TreeProblem p, TreeLayout layout) {
            int cells = Math.max(1, layout.columnFeatures.length) * BLOCK;
            boolean doubles = p.x() == DType.FLOAT64;
            keys = doubles ? null : new int[cells];
            wideKeys = doubles ? new long[cells] : null;
            sums = new TreeSums(p, layout, BLOCK);
            row = new double[p.forest().targets()];
        }
    }

    private final TreeProblem p;
    private final TreeLayout layout;
    private final RowPartition split;
    private final long rowNanos;
    private final int targets;
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
        long steps = 0;
        for (int d : layout.depths) {
            steps += Math.min(d, 2 * DEEP) + 1;
        }
        this.rowNanos = steps + targets;
        int rows = Math.clamp(PART_NANOS / rowNanos, SIDE, BLOCK) / SIDE * SIDE;
        this.split = RowPartition.of(p.rows(), 1, rows);
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
        boolean floats = stage.keys != null;
        if (floats) {
            TreeRows.load(operands[0], p, layout, first, rows, stage.keys);
        } else {
            TreeRows.load(operands[0], p, layout, first, rows, stage.wideKeys);
        }
        stage.sums.clear(rows);
        int together = rows / SIDE * SIDE;
        int trees = together > 0 ? layout.roots.length : 0;
        for (int t = 0; t < trees; t++) {
            if (floats) {
                walkRows(layout.roots[t], layout.depths[t], stage.keys, together, stage.reached);
            } else {
                walkRows(layout.roots[t], layout.depths[t], stage.wideKeys, together, stage.reached);
            }
            stage.sums.addRows(stage.reached, together);
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
                stage.sums.add(stage.reached[i], r);
            }
        }
    }

    private static int step(int[] records, int[] keys, int at, int r) {
        return records[at + PAIR] + (keys[records[at + COLUMN] + r] > records[at] ? RECORD : 0);
    }

    private static int step(int[] records, long[] thresholds, long[] keys, int at, int r) {
        return records[at + PAIR] + (keys[records[at + COLUMN] + r] > thresholds[at / RECORD] ? RECORD : 0);
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
            int e = root;
            int f = root;
            int g = root;
            int h = root;
            for (int i = 1; i <= depth; i++) {
                a = step(records, keys, a, r);
                b = step(records, keys, b, r + 1);
                c = step(records, keys, c, r + 2);
                d = step(records, keys, d, r + 3);
                e = step(records, keys, e, r + 4);
                f = step(records, keys, f, r + 5);
                g = step(records, keys, g, r + 6);
                h = step(records, keys, h, r + 7);
                if (i % CHECK_EVERY == 0
                        && i >= DEEP
                        && i < depth
                        && atLeaves(records, a, b, c, d)
                        && atLeaves(records, e, f, g, h)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF];
            reached[r + 1] = records[b + LEAF];
            reached[r + 2] = records[c + LEAF];
            reached[r + 3] = records[d + LEAF];
            reached[r + 4] = records[e + LEAF];
            reached[r + 5] = records[f + LEAF];
            reached[r + 6] = records[g + LEAF];
            reached[r + 7] = records[h + LEAF];
        }
    }

    private void walkTrees(int first, int count, int[] keys, int r, int[] reached) {
        int[] records = layout.records;
        int[] roots = layout.roots;
        for (int t = 0; t < count; t += SIDE) {
            int i = Math.min(first + t, roots.length - SIDE);
            if (i < first) {
                walkFew(first + t, count - t, keys, r, reached, t);
                return;
            }
            int a = roots[i];
            int b = roots[i + 1];
            int c = roots[i + 2];
            int d = roots[i + 3];
            int e = roots[i + 4];
            int f = roots[i + 5];
            int g = roots[i + 6];
            int h = roots[i + 7];
            int depth = depth(i);
            for (int s = 1; s <= depth; s++) {
                a = step(records, keys, a, r);
                b = step(records, keys, b, r);
                c = step(records, keys, c, r);
                d = step(records, keys, d, r);
                e = step(records, keys, e, r);
                f = step(records, keys, f, r);
                g = step(records, keys, g, r);
                h = step(records, keys, h, r);
                if (s % CHECK_EVERY == 0
                        && s >= DEEP
                        && s < depth
                        && atLeaves(records, a, b, c, d)
                        && atLeaves(records, e, f, g, h)) {
                    break;
                }
            }
            int to = i - first;
            reached[to] = records[a + LEAF];
            reached[to + 1] = records[b + LEAF];
            reached[to + 2] = records[c + LEAF];
            reached[to + 3] = records[d + LEAF];
            reached[to + 4] = records[e + LEAF];
            reached[to + 5] = records[f + LEAF];
            reached[to + 6] = records[g + LEAF];
            reached[to + 7] = records[h + LEAF];
        }
    }

    /** The largest depth of the trees that are walked side by side. */
    private int depth(int first) {
        int depth = 0;
        for (int i = first; i < first + SIDE; i++) {
            depth = Math.max(depth, layout.depths[i]);
        }
        return depth;
    }

    private void walkFew(int first, int count, int[] keys, int r, int[] reached, int to) {
        int[] records = layout.records;
        for (int t = 0; t < count; t++) {
            int at = layout.roots[first + t];
            while (records[at + LEAF] < 0) {
                at = step(records, keys, at, r);
            }
            reached[to + t] = records[at + LEAF];
        }
    }

    private void walkRows(int root, int depth, long[] keys, int rows, int[] reached) {
        int[] records = layout.records;
        long[] thresholds = layout.thresholds;
        for (int r = 0; r < rows; r += SIDE / 2) {
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int i = 1; i <= depth; i++) {
                a = step(records, thresholds, keys, a, r);
                b = step(records, thresholds, keys, b, r + 1);
                c = step(records, thresholds, keys, c, r + 2);
                d = step(records, thresholds, keys, d, r + 3);
                if (i % CHECK_EVERY == 0 && i >= DEEP && i < depth && atLeaves(records, a, b, c, d)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF];
            reached[r + 1] = records[b + LEAF];
            reached[r + 2] = records[c + LEAF];
            reached[r + 3] = records[d + LEAF];
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

    private void finish(MemorySegment[] operands, Stage stage, long first, int rows) {
        int results = p.labelled() ? 2 : 1;
        for (int r = 0; r < rows; r++) {
            stage.sums.copy(r, stage.row);
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
