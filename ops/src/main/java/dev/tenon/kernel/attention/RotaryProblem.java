package dev.tenon.kernel.attention;

import dev.tenon.error.InvalidOperandException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rotation of pairs of elements of float32: see {@link dev.tenon.op.attention.RotaryEmbedding}. A row is what one head
 * has at one position; rows are numbered as they lie.
 *
 * @param batch the number of sequences
 * @param heads the heads of a sequence
 * @param length the positions of a sequence
 * @param size elements of a row
 * @param half how many pairs of a row are rotated
 * @param interleaved whether neighbours make a pair, rather than elements of two halves
 * @param packed whether the heads of a position lie behind each other, rather than the positions of a head
 * @param rotated how many heads are rotated, the first ones; if they are fewer than all, heads are packed
 * @param positions the rows of the tables of cosines and sines that positions name; -1 if there is one for each position
 */
public record RotaryProblem(
        int batch,
        int heads,
        int length,
        int size,
        int half,
        boolean interleaved,
        boolean packed,
        int rotated,
        long positions) {
    private static final int POSITIONS = 3;

    /**
     * The number of rows.
     *
     * @return batch, heads and length multiplied
     */
    public long rows() {
        return (long) batch * heads * length;
    }

    /**
     * Whether a row stays as it is.
     *
     * @param row the row
     * @return true if its head is not rotated
     */
    public boolean stays(long row) {
        return rotated < heads && row % heads >= rotated;
    }

    /**
     * Where the angles of a row lie.
     *
     * @param operands the operands
     * @param row the row
     * @return the offset in bytes, in cosines and sines alike
     * @throws InvalidOperandException if its position is none of the tables'
     */
    public long angles(MemorySegment[] operands, long row) {
        long b = row / ((long) heads * length);
        long p = packed ? row / heads % length : row % length;
        long place = b * length + p;
        if (positions >= 0) {
            place = operands[POSITIONS].get(ValueLayout.JAVA_LONG, place * Long.BYTES);
            if (place < 0 || place >= positions) {
                throw new InvalidOperandException(
                        "RotaryEmbedding",
                        "position_ids[" + b + "," + p + "] is " + place,
                        "[0, " + (positions - 1) + "]",
                        "enlarge the caches");
            }
        }
        return place * half * Float.BYTES;
    }

    /**
     * The index of the result among the operands.
     *
     * @return the index behind the last input
     */
    public int output() {
        return positions >= 0 ? POSITIONS + 1 : POSITIONS;
    }
}
