package dev.tenon.kernel.attention;

import dev.tenon.error.InvalidOperandException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * New positions of a cache, [batch, blocks of a sample, positions, bytes of a position]. Operands are the cache, the
 * update, perhaps write indices, and the result.
 *
 * @param batch samples
 * @param blocks blocks of each sample
 * @param positions positions of a block
 * @param length positions that are written, at most all
 * @param bytes bytes of a position
 * @param circular whether positions behind the end go on at the start
 * @param indexed whether there are write indices
 * @param output the place of the result among the operands
 */
public record TensorScatterProblem(
        long batch,
        long blocks,
        long positions,
        long length,
        long bytes,
        boolean circular,
        boolean indexed,
        int output) {
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final int INDICES = 2;

    /**
     * The blocks of all samples.
     *
     * @return at least 0
     */
    public long all() {
        return batch * blocks;
    }

    /**
     * Where the update of a sample starts.
     *
     * @param operands the operands of a run
     * @param sample the sample
     * @return a position
     * @throws InvalidOperandException if the update does not fit there
     */
    public long start(MemorySegment[] operands, long sample) {
        long first = indexed ? operands[INDICES].getAtIndex(I64, sample) : 0;
        if (circular) {
            return Math.floorMod(first, positions);
        }
        if (first < 0 || first > positions - length) {
            throw new InvalidOperandException(
                    "TensorScatter",
                    "write_indices[" + sample + "] is " + first,
                    "[0, " + (positions - length) + "]",
                    "enlarge the cache, or use mode circular");
        }
        return first;
    }
}
