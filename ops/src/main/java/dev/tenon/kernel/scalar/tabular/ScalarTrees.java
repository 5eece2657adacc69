package dev.tenon.kernel.scalar.tabular;

import static dev.tenon.kernel.tabular.TreeLayout.BLOCK_ROWS;
import static dev.tenon.kernel.tabular.TreeLayout.CHILDREN_FIELD;
import static dev.tenon.kernel.tabular.TreeLayout.COLUMN_FIELD;
import static dev.tenon.kernel.tabular.TreeLayout.LEAF_FIELD;
import static dev.tenon.kernel.tabular.TreeLayout.RECORD_INTS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Tree ensembles. For a block of rows it walks through one tree after the other, so that a tree is in the first-level cache
 * while the rows of the block pass through it. A walk is a chain of loads, each of which depends on the one before it. So eight
 * walks are interleaved: eight rows through one tree, or one row through eight trees. The features of a block are stored by
 * columns, as integer keys, in arrays on the heap: an access to an array at a computed index costs one bounds check, less than
 * an access to a segment.
 */
public final class ScalarTrees implements Kernel {
    /** The number of interleaved walks. */
    private static final int WALKS = 8;

    /** The number of steps after which walks are checked for having ended: paths of deep trees differ much in length. */
    private static final int MIN_CHECKED_DEPTH = 8;

    private static final int CHECK_EVERY = 4;

    private static final long PART_NANOS = 50_000;

    /** The buffers of a run. */
    private static final class Workspace {
        private final int[] keys;
        private final long[] doubleKeys;
        private final int[] reached = new int[BLOCK_ROWS];
        private final TreeSums sums;
        private final double[] row;

        Workspace(TreeProblem p, TreeLayout layout) {
            int cells = Math.max(1, layout.columnFeatures.length) * BLOCK_ROWS;
            boolean doubles = p.dtype() == DType.FLOAT64;
            keys = doubles ? null : new int[cells];
            doubleKeys = doubles ? new long[cells] : null;
            sums = new TreeSums(p, layout, BLOCK_ROWS);
            row = new double[p.forest().targets()];
        }
    }

    private final TreeProblem p;
    private final TreeLayout layout;
    private final RowPartition partition;
    private final long rowNanos;
    private final int targets;

    private final ScratchPool<Workspace> pool;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the rows, the labels if the operator has them, and the results
     */
    public ScalarTrees(TreeProblem p) {
        this.p = p;
        this.layout = TreeLayout.of(p.forest(), p.dtype() == DType.FLOAT64);
        this.targets = p.forest().targets();
        long steps = 0;
        for (int d : layout.depths) {
            steps += Math.min(d, 2 * MIN_CHECKED_DEPTH) + 1;
        }
        this.rowNanos = steps + targets;
        int rows = Math.clamp(PART_NANOS / rowNanos, WALKS, BLOCK_ROWS) / WALKS * WALKS;
        this.partition = RowPartition.of(p.rows(), 1, rows);
        this.pool = new ScratchPool<>(() -> new Workspace(p, layout));
    }

    @Override
    public String id() {
        return "trees_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * rowNanos;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Workspace workspace = pool.take();
        long last = partition.start(to);
        for (long first = partition.start(from); first < last; first += BLOCK_ROWS) {
            block(operands, workspace, first, (int) Math.min(BLOCK_ROWS, last - first));
        }
        pool.give(workspace);
    }

    private void block(MemorySegment[] operands, Workspace workspace, long first, int rows) {
        boolean floats = workspace.keys != null;
        if (floats) {
            TreeRows.load(operands[0], p, layout, first, rows, workspace.keys);
        } else {
            TreeRows.load(operands[0], p, layout, first, rows, workspace.doubleKeys);
        }
        workspace.sums.clear(rows);
        int interleaved = rows / WALKS * WALKS;
        int trees = interleaved > 0 ? layout.roots.length : 0;
        for (int t = 0; t < trees; t++) {
            if (floats) {
                walkRows(layout.roots[t], layout.depths[t], workspace.keys, interleaved, workspace.reached);
            } else {
                walkRows(layout.roots[t], layout.depths[t], workspace.doubleKeys, interleaved, workspace.reached);
            }
            workspace.sums.addRows(workspace.reached, interleaved);
        }
        for (int r = interleaved; r < rows; r++) {
            row(workspace, r);
        }
        finish(operands, workspace, first, rows);
    }

    /** Walks one row through all trees. */
    private void row(Workspace workspace, int r) {
        int trees = layout.roots.length;
        for (int t = 0; t < trees; t += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, trees - t);
            if (workspace.keys != null) {
                walkTrees(t, count, workspace.keys, r, workspace.reached);
            } else {
                walkTrees(t, count, workspace.doubleKeys, r, workspace.reached);
            }
            for (int i = 0; i < count; i++) {
                workspace.sums.add(workspace.reached[i], r);
            }
        }
    }

    private static int step(int[] records, int[] keys, int at, int r) {
        return records[at + CHILDREN_FIELD] + (keys[records[at + COLUMN_FIELD] + r] > records[at] ? RECORD_INTS : 0);
    }

    private static int step(int[] records, long[] thresholds, long[] keys, int at, int r) {
        return records[at + CHILDREN_FIELD]
                + (keys[records[at + COLUMN_FIELD] + r] > thresholds[at / RECORD_INTS] ? RECORD_INTS : 0);
    }

    private static boolean atLeaves(int[] records, int a, int b, int c, int d) {
        return (records[a + LEAF_FIELD] | records[b + LEAF_FIELD] | records[c + LEAF_FIELD] | records[d + LEAF_FIELD])
                >= 0;
    }

    private void walkRows(int root, int depth, int[] keys, int rows, int[] reached) {
        int[] records = layout.records;
        for (int r = 0; r < rows; r += WALKS) {
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
                        && i >= MIN_CHECKED_DEPTH
                        && i < depth
                        && atLeaves(records, a, b, c, d)
                        && atLeaves(records, e, f, g, h)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF_FIELD];
            reached[r + 1] = records[b + LEAF_FIELD];
            reached[r + 2] = records[c + LEAF_FIELD];
            reached[r + 3] = records[d + LEAF_FIELD];
            reached[r + 4] = records[e + LEAF_FIELD];
            reached[r + 5] = records[f + LEAF_FIELD];
            reached[r + 6] = records[g + LEAF_FIELD];
            reached[r + 7] = records[h + LEAF_FIELD];
        }
    }

    private void walkTrees(int first, int count, int[] keys, int r, int[] reached) {
        int[] records = layout.records;
        int[] roots = layout.roots;
        for (int t = 0; t < count; t += WALKS) {
            int i = Math.min(first + t, roots.length - WALKS);
            if (i < first) {
                walkRemainingTrees(first + t, count - t, keys, r, reached, t);
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
            int depth = maxDepth(i);
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
                        && s >= MIN_CHECKED_DEPTH
                        && s < depth
                        && atLeaves(records, a, b, c, d)
                        && atLeaves(records, e, f, g, h)) {
                    break;
                }
            }
            int to = i - first;
            reached[to] = records[a + LEAF_FIELD];
            reached[to + 1] = records[b + LEAF_FIELD];
            reached[to + 2] = records[c + LEAF_FIELD];
            reached[to + 3] = records[d + LEAF_FIELD];
            reached[to + 4] = records[e + LEAF_FIELD];
            reached[to + 5] = records[f + LEAF_FIELD];
            reached[to + 6] = records[g + LEAF_FIELD];
            reached[to + 7] = records[h + LEAF_FIELD];
        }
    }

    /** The largest depth of the trees that are walked together. */
    private int maxDepth(int first) {
        int depth = 0;
        for (int i = first; i < first + WALKS; i++) {
            depth = Math.max(depth, layout.depths[i]);
        }
        return depth;
    }

    private void walkRemainingTrees(int first, int count, int[] keys, int r, int[] reached, int to) {
        int[] records = layout.records;
        for (int t = 0; t < count; t++) {
            int at = layout.roots[first + t];
            while (records[at + LEAF_FIELD] < 0) {
                at = step(records, keys, at, r);
            }
            reached[to + t] = records[at + LEAF_FIELD];
        }
    }

    private void walkRows(int root, int depth, long[] keys, int rows, int[] reached) {
        int[] records = layout.records;
        long[] thresholds = layout.thresholds;
        for (int r = 0; r < rows; r += WALKS / 2) {
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int i = 1; i <= depth; i++) {
                a = step(records, thresholds, keys, a, r);
                b = step(records, thresholds, keys, b, r + 1);
                c = step(records, thresholds, keys, c, r + 2);
                d = step(records, thresholds, keys, d, r + 3);
                if (i % CHECK_EVERY == 0 && i >= MIN_CHECKED_DEPTH && i < depth && atLeaves(records, a, b, c, d)) {
                    break;
                }
            }
            reached[r] = records[a + LEAF_FIELD];
            reached[r + 1] = records[b + LEAF_FIELD];
            reached[r + 2] = records[c + LEAF_FIELD];
            reached[r + 3] = records[d + LEAF_FIELD];
        }
    }

    private void walkTrees(int first, int count, long[] keys, int r, int[] reached) {
        int[] records = layout.records;
        long[] thresholds = layout.thresholds;
        for (int t = 0; t < count; t++) {
            int at = layout.roots[first + t];
            while (records[at + LEAF_FIELD] < 0) {
                at = step(records, thresholds, keys, at, r);
            }
            reached[t] = records[at + LEAF_FIELD];
        }
    }

    private void finish(MemorySegment[] operands, Workspace workspace, long first, int rows) {
        for (int r = 0; r < rows; r++) {
            workspace.sums.copyRow(r, workspace.row);
            p.writeRow(operands, first + r, workspace.row);
        }
    }
}
