package dev.tenon.kernel.attention;

import dev.tenon.error.InvalidOperandException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes new positions into a KV cache, as {@link dev.tenon.op.attention.TensorScatter} defines it. The cache has the
 * shape {@code [samples, blocks, positions, bytes]}, the update {@code [samples, blocks, updates, bytes]}. Operands are
 * the cache, the update, the write indices if there are any, and the result.
 *
 * @param samples the batch
 * @param blocks the product of the dimensions between the batch and the positions
 * @param positions positions of a block
 * @param updates positions of a block that are written, at most all
 * @param bytes bytes of a position
 * @param circular whether writing continues at position 0 after the last position
 * @param indexed whether there are write indices
 * @param output the index of the result among the operands
 */
public record TensorScatterProblem(
        long samples,
        long blocks,
        long positions,
        long updates,
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
    public long allBlocks() {
        return samples * blocks;
    }

    /**
     * The first position that the update of a sample writes.
     *
     * @param operands the operands of a run
     * @param sample the sample
     * @return a position
     * @throws InvalidOperandException if the update does not fit into the cache from there on
     */
    public long firstPosition(MemorySegment[] operands, long sample) {
        long first = indexed ? operands[INDICES].getAtIndex(I64, sample) : 0;
        if (circular) {
            return Math.floorMod(first, positions);
        }
        if (first < 0 || first > positions - updates) {
            throw new InvalidOperandException(
                    "TensorScatter",
                    "write_indices[" + sample + "] is " + first,
                    "[0, " + (positions - updates) + "]",
                    "enlarge the cache, or use mode circular");
        }
        return first;
    }
}
