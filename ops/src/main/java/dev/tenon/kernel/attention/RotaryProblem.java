package dev.tenon.kernel.attention;

import dev.tenon.error.InvalidOperandException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rotary embedding of float32: {@link dev.tenon.op.attention.RotaryEmbedding} gives the formula. A row holds the
 * elements of one head at one position. Rows are numbered in the order in which they are stored. Operands are X, the
 * table of cosines, the table of sines, the position ids if there are any, and the result.
 *
 * @param dims the sizes and the order of the rows
 * @param pairs how many pairs of a row are rotated, those of its first elements
 * @param interleaved whether two neighbours make a pair; otherwise element i and element {@code pairs + i} do
 * @param rotatedHeads how many heads of a position are rotated, the first ones; fewer than all only if rows are packed
 * @param positions the rows of the tables if there are position ids; -1 if a table has a row for each position of the
 *     batch
 */
public record RotaryProblem(Dims dims, int pairs, boolean interleaved, int rotatedHeads, long positions) {
    private static final int POSITION_IDS = 3;

    /**
     * The sizes and the order of the rows.
     *
     * @param batch the number of sequences
     * @param heads the heads of a sequence
     * @param length the positions of a sequence
     * @param headSize elements of a row
     * @param packed whether the order is {@code [batch, length, heads, headSize]}; otherwise it is
     *     {@code [batch, heads, length, headSize]}
     */
    public record Dims(int batch, int heads, int length, int headSize, boolean packed) {}

    /**
     * The number of rows.
     *
     * @return batch times heads times length
     */
    public long rows() {
        return (long) dims.batch() * dims.heads() * dims.length();
    }

    /**
     * Whether a row is rotated. The others are copied.
     *
     * @param row the row
     * @return false if its head is not one of the first {@link #rotatedHeads}
     */
    public boolean isRotated(long row) {
        return rotatedHeads >= dims.heads() || row % dims.heads() < rotatedHeads;
    }

    /**
     * The offset of the cosines of a row in their table. The sines have the same offset.
     *
     * @param operands the operands
     * @param row the row
     * @return bytes
     * @throws InvalidOperandException if the position id of the row is outside of the tables
     */
    public long tableOffset(MemorySegment[] operands, long row) {
        int length = dims.length();
        long sequence = row / ((long) dims.heads() * length);
        long index = dims.packed() ? row / dims.heads() % length : row % length;
        long tableRow = sequence * length + index;
        if (positions >= 0) {
            tableRow = operands[POSITION_IDS].get(ValueLayout.JAVA_LONG, tableRow * Long.BYTES);
            if (tableRow < 0 || tableRow >= positions) {
                throw new InvalidOperandException(
                        "RotaryEmbedding",
                        "position_ids[" + sequence + "," + index + "] is " + tableRow,
                        "[0, " + (positions - 1) + "]",
                        "enlarge the caches");
            }
        }
        return tableRow * pairs * Float.BYTES;
    }

    /**
     * The index of the result among the operands.
     *
     * @return the index after the last input
     */
    public int output() {
        return positions >= 0 ? POSITION_IDS + 1 : POSITION_IDS;
    }
}
