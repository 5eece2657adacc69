package dev.tenon.samples.text;

import java.util.Arrays;

/**
 * Texts in the form of model inputs: three row-major matrices of shape {@link #shape()} for tensors of int64. The
 * arrays belong to the caller; nothing else refers to them.
 *
 * @param size the number of texts
 * @param tokens the number of tokens of each row, padding included
 * @param ids token ids, {@code size * tokens} of them
 * @param attentionMask 1 for a token of the text or a special token, 0 for padding
 * @param typeIds 0 for tokens of the first text of a pair, 1 for tokens of the second
 */
public record Batch(int size, int tokens, long[] ids, long[] attentionMask, long[] typeIds) {
    /** {@return a new array of size and tokens} */
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
