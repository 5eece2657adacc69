package dev.tenon.samples.text;

import java.util.Arrays;

/**
 * Texts as a model takes them: three row-major matrices of shape {@link #shape()}, ready to be tensors of int64. The
 * arrays are the caller's own: nothing else holds them.
 *
 * @param size number of texts
 * @param tokens number of tokens of every row, padding included
 * @param ids token ids, {@code size * tokens} of them
 * @param attentionMask 1 for a token of the text or a special token, 0 for padding
 * @param typeIds 0 or 1 by the text of a pair that a token belongs to
 */
public record Batch(int size, int tokens, long[] ids, long[] attentionMask, long[] typeIds) {
    /** {@return a new array: size, tokens} */
    public long[] shape() {
        return new long[] {size, tokens};
    }

    /**
     * Copies a row.
     *
     * @param index the text, 0 to {@code size - 1}
     * @return the row, padding included
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public Encoding row(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("row " + index + " is outside [0, " + (size - 1) + "]");
        }
        int from = index * tokens;
        return new Encoding(
                Arrays.copyOfRange(ids, from, from + tokens),
                Arrays.copyOfRange(attentionMask, from, from + tokens),
                Arrays.copyOfRange(typeIds, from, from + tokens));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Batch that
                && size == that.size
                && tokens == that.tokens
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(attentionMask, that.attentionMask)
                && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids) * 31 + size;
    }

    @Override
    public String toString() {
        return "Batch[size=" + size + ", tokens=" + tokens + ", ids=" + Arrays.toString(ids) + "]";
    }
}
