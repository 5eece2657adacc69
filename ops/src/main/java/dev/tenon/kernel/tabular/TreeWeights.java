package dev.tenon.kernel.tabular;

import dev.tenon.budget.WorkBudget;
import dev.tenon.op.tabular.model.Forest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The weights of leaves as rows of a table, one weight for each target. Weights that a leaf does not have are negative zeros, so
 * that adding a row of the table leaves the sums of other targets as they are, bit for bit.
 *
 * @param doubles whether weights are double rather than float
 * @param rowBytes the size of a row, a multiple of {@link #VECTOR_BYTES}
 * @param table the rows, the last one without weights; null if weights are stored in the records of leaves
 */
public record TreeWeights(boolean doubles, int rowBytes, MemorySegment table) {
    /** The size of the vectors that add a row, bytes. */
    public static final int VECTOR_BYTES = 32;

    private static final long MAX_TABLE_BYTES = 256L << 20;

    /** The most bytes of a table for each byte of the weights, and the bytes that any table may have. */
    private static final long MAX_BYTES_PER_BYTE = 16;

    private static final long SMALL_TABLE_BYTES = 1L << 20;

    /**
     * Weights that are stored in the records of leaves.
     *
     * @param doubles whether weights are double
     * @return no table
     */
    static TreeWeights inLeaves(boolean doubles) {
        return new TreeWeights(doubles, 0, null);
    }

    /**
     * A table of weights.
     *
     * @param f the trees
     * @param doubles whether weights are double
     * @return the table; null if a leaf has two weights for a target, or the table would be too large or far
     *     larger than the weights
     */
    static TreeWeights table(Forest f, boolean doubles) {
        int leaves = f.leaves();
        int sumBytes = doubles ? Double.BYTES : Float.BYTES;
        int rowBytes = Math.ceilDiv(f.targets() * sumBytes, VECTOR_BYTES) * VECTOR_BYTES;
        long bytes = (leaves + 1L) * rowBytes;
        long mostBytes = SMALL_TABLE_BYTES + MAX_BYTES_PER_BYTE * f.weights() * sumBytes;
        if (bytes > Math.min(MAX_TABLE_BYTES, mostBytes) || !leavesAreSets(f)) {
            return null;
        }
        WorkBudget.spend(bytes / sumBytes);
        MemorySegment table = Arena.ofAuto().allocate(bytes, 2L * VECTOR_BYTES);
        for (long at = 0; at < bytes; at += sumBytes) {
            set(table, at, doubles, -0.0);
        }
        for (int leaf = 0; leaf < leaves; leaf++) {
            for (int w = f.leafStart(leaf); w < f.leafStart(leaf + 1); w++) {
                set(table, (long) leaf * rowBytes + (long) f.target(w) * sumBytes, doubles, f.weight(w));
            }
        }
        return new TreeWeights(doubles, rowBytes, table);
    }

    private static void set(MemorySegment table, long at, boolean doubles, double weight) {
        if (doubles) {
            table.set(ValueLayout.JAVA_DOUBLE, at, weight);
        } else {
            table.set(ValueLayout.JAVA_FLOAT, at, (float) weight);
        }
    }

    /** Whether no leaf has two weights for a target. Their sum would depend on the order of additions. */
    private static boolean leavesAreSets(Forest f) {
        int[] lastLeaf = new int[f.targets()];
        Arrays.fill(lastLeaf, -1);
        for (int leaf = 0; leaf < f.leaves(); leaf++) {
            for (int w = f.leafStart(leaf); w < f.leafStart(leaf + 1); w++) {
                if (lastLeaf[f.target(w)] == leaf) {
                    return false;
                }
                lastLeaf[f.target(w)] = leaf;
            }
        }
        return true;
    }

    /**
     * Whether weights are stored in the records of leaves.
     *
     * @return false if they are stored in the table
     */
    public boolean areInLeaves() {
        return table == null;
    }

    /**
     * The size of a sum.
     *
     * @return bytes
     */
    public int sumBytes() {
        return doubles ? Double.BYTES : Float.BYTES;
    }
}
