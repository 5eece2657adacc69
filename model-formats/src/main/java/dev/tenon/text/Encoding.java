package dev.tenon.text;

import java.util.Arrays;
import java.util.List;

/**
 * The tokens of a text, or of a pair of texts. Immutable and safe for any number of threads; arrays that methods return are
 * copies. Two are equal if all that their methods return is equal.
 *
 * <p>Offsets are indices of UTF-16 code units, as in {@link String#substring(int, int)}. A token that is a part of a
 * character, such
 * as one of its bytes, has the range of the whole character. Special tokens and padding have the range 0 to 0.
 */
public final class Encoding {
    /** The word or sequence of a token that belongs to none. */
    public static final int NONE = -1;

    private final Columns columns;
    private final List<Encoding> overflowing;

    /**
     * A row of numbers for each property of a token.
     *
     * @param ids token ids
     * @param typeIds type ids
     * @param attention 1 for all but padding
     * @param starts where tokens start
     * @param ends where tokens end
     * @param words the piece of text that a token belongs to
     * @param sequences 0 for the first text, 1 for the second one, {@link #NONE} for special tokens and padding
     */
    record Columns(int[] ids, int[] typeIds, int[] attention, int[] starts, int[] ends, int[] words, int[] sequences) {
        static Columns of(int length) {
            return new Columns(
                    new int[length],
                    new int[length],
                    new int[length],
                    new int[length],
                    new int[length],
                    new int[length],
                    new int[length]);
        }

        private List<int[]> all() {
            return List.of(ids, typeIds, attention, starts, ends, words, sequences);
        }
    }

    Encoding(Columns columns, List<Encoding> overflowing) {
        this.columns = columns;
        this.overflowing = List.copyOf(overflowing);
    }

    /** {@return the number of tokens, padding included} */
    public int length() {
        return columns.ids.length;
    }

    /** {@return the ids of tokens} */
    public int[] ids() {
        return columns.ids.clone();
    }

    /** {@return 0 for tokens of the first text, 1 for tokens of the second one, unless the tokenizer says otherwise} */
    public int[] typeIds() {
        return columns.typeIds.clone();
    }

    /** {@return 1 for a token of a text or a special token, 0 for padding} */
    public int[] attentionMask() {
        return columns.attention.clone();
    }

    /**
     * The id of a token.
     *
     * @param token its index, 0 to {@code length() - 1}
     * @return the id
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public int id(int token) {
        return columns.ids[token];
    }

    /**
     * Where a token starts in its text.
     *
     * @param token its index, 0 to {@code length() - 1}
     * @return the index of its first code unit
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public int start(int token) {
        return columns.starts[token];
    }

    /**
     * Where a token ends in its text.
     *
     * @param token its index, 0 to {@code length() - 1}
     * @return the index after its last code unit
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public int end(int token) {
        return columns.ends[token];
    }

    /**
     * The piece of its text that a token belongs to. Pieces are what the tokenizer cuts a text into before it looks for
     * tokens: words for most tokenizers, the whole text for some.
     *
     * @param token its index, 0 to {@code length() - 1}
     * @return the number of the piece, from 0 on; {@link #NONE} for special tokens and padding
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public int word(int token) {
        return columns.words[token];
    }

    /**
     * The text that a token belongs to.
     *
     * @param token its index, 0 to {@code length() - 1}
     * @return 0 for the first text, 1 for the second one, {@link #NONE} for special tokens and padding
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public int sequence(int token) {
        return columns.sequences[token];
    }

    /**
     * The other windows of a long text, if {@link TokenizerOptions#windows(int)} asks for them. Of a pair in which both
     * texts are cut, there is one for each combination of windows.
     *
     * @return the windows; empty if the text was not cut
     */
    public List<Encoding> overflowing() {
        return overflowing;
    }

    /** Copies ids, type ids and mask into arrays at an index. */
    void copyTo(long[] ids, long[] typeIds, long[] mask, int at) {
        for (int i = 0; i < length(); i++) {
            ids[at + i] = columns.ids[i];
            typeIds[at + i] = columns.typeIds[i];
            mask[at + i] = columns.attention[i];
        }
    }

    /** The number of rows, windows included, that are shorter than a length. */
    int rowsShorterThan(int length) {
        int count = length() < length ? 1 : 0;
        for (Encoding other : overflowing) {
            count += other.length() < length ? 1 : 0;
        }
        return count;
    }

    /** This row with padding, if it is shorter than a length. */
    Encoding padded(int length, boolean onLeft, int id, int typeId) {
        List<Encoding> others = overflowing.stream()
                .map(other -> other.padded(length, onLeft, id, typeId))
                .toList();
        if (length <= length()) {
            return overflowing.isEmpty() ? this : new Encoding(columns, others);
        }
        Columns out = Columns.of(length);
        Arrays.fill(out.ids, id);
        Arrays.fill(out.typeIds, typeId);
        Arrays.fill(out.words, NONE);
        Arrays.fill(out.sequences, NONE);
        int at = onLeft ? length - length() : 0;
        for (int i = 0; i < out.all().size(); i++) {
            System.arraycopy(columns.all().get(i), 0, out.all().get(i), at, length());
        }
        return new Encoding(out, others);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Encoding that) || !overflowing.equals(that.overflowing)) {
            return false;
        }
        for (int i = 0; i < columns.all().size(); i++) {
            if (!Arrays.equals(columns.all().get(i), that.columns.all().get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(columns.ids) * 31 + Arrays.hashCode(columns.starts);
    }

    @Override
    public String toString() {
        return "Encoding[ids=" + Arrays.toString(columns.ids) + ", starts=" + Arrays.toString(columns.starts)
                + ", ends=" + Arrays.toString(columns.ends) + "]";
    }
}
