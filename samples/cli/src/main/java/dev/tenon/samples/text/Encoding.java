package dev.tenon.samples.text;

import java.util.Arrays;

/**
 * One text in the form of model inputs. The arrays belong to the caller; nothing else refers to them.
 *
 * @param ids token ids
 * @param attentionMask 1 for a token of the text or a special token, 0 for padding; as long as {@code ids}
 * @param typeIds 0 for tokens of the first text of a pair, 1 for tokens of the second, unless the template of the
 *     tokenizer says otherwise; as long as {@code ids}
 */
public record Encoding(long[] ids, long[] attentionMask, long[] typeIds) {
    /** {@return the number of tokens, padding included} */
    public int length() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(attentionMask, that.attentionMask)
                && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids) * 31 + Arrays.hashCode(attentionMask);
    }

    @Override
    public String toString() {
        return "Encoding[ids=" + Arrays.toString(ids) + ", attentionMask=" + Arrays.toString(attentionMask)
                + ", typeIds=" + Arrays.toString(typeIds) + "]";
    }
}
