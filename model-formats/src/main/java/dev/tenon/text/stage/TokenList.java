package dev.tenon.text.stage;

import dev.tenon.text.unicode.CharacterClasses;
import java.util.Arrays;

/** Tokens of a text in an array that grows. For one thread at a time. */
public final class TokenList {
    /** The white space of a token of the model, which its vocabulary knows. */
    private static final int UNKNOWN = -1;

    private static final int MOST_SPACES = 0x7FFF;
    private static final int HALF = 16;

    private AlignedText text;
    private int piece;
    private int[] ids = new int[64];
    private int[] from = new int[64];
    private int[] to = new int[64];
    private int[] words = new int[64];
    private int[] spaces = new int[64];
    private int size;

    /** Makes an empty list. */
    public TokenList() {}

    /**
     * Tells which piece the next tokens belong to.
     *
     * @param whole the text that tokens give ranges of
     * @param index the index of the piece
     */
    public void begin(AlignedText whole, int index) {
        text = whole;
        piece = index;
    }

    /** {@return the number of tokens} */
    public int size() {
        return size;
    }

    /**
     * Appends a token.
     *
     * @param id its id
     * @param first the index of its first code point in the text
     * @param last the index after its last code point, greater than {@code first}
     */
    public void add(int id, int first, int last) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            from = Arrays.copyOf(from, 2 * size);
            to = Arrays.copyOf(to, 2 * size);
            words = Arrays.copyOf(words, 2 * size);
            spaces = Arrays.copyOf(spaces, 2 * size);
        }
        spaces[size] = UNKNOWN;
        ids[size] = id;
        from[size] = text.from(first);
        to[size] = text.to(last - 1);
        words[size++] = piece;
    }

    /**
     * Appends a piece that is a token itself.
     *
     * @param id its id
     * @param first the index of its first code point in the text
     * @param last the index after its last code point, greater than {@code first}
     */
    public void addPiece(int id, int first, int last) {
        add(id, first, last);
        int[] all = text.codePoints();
        int leading = 0;
        while (leading < Math.min(last - first, MOST_SPACES) && CharacterClasses.isWhiteSpace(all[first + leading])) {
            leading++;
        }
        int trailing = 0;
        while (trailing < Math.min(last - first, MOST_SPACES)
                && CharacterClasses.isWhiteSpace(all[last - 1 - trailing])) {
            trailing++;
        }
        spaces[size - 1] = leading << HALF | trailing;
    }

    /**
     * Tells whether a token was a piece itself.
     *
     * @param index its index
     * @return whether {@link #addPiece} appended it
     */
    public boolean isPiece(int index) {
        return spaces[index] != UNKNOWN;
    }

    /**
     * The white space at the start of a token that was a piece itself.
     *
     * @param index its index
     * @return the number of code points
     */
    public int leading(int index) {
        return spaces[index] >>> HALF;
    }

    /**
     * The white space at the end of a token that was a piece itself.
     *
     * @param index its index
     * @return the number of code points
     */
    public int trailing(int index) {
        return spaces[index] & MOST_SPACES;
    }

    /**
     * Removes tokens at the end.
     *
     * @param newSize the number of tokens that stay
     */
    public void cut(int newSize) {
        size = newSize;
    }

    /**
     * The id of a token.
     *
     * @param index its index
     * @return the id
     */
    public int id(int index) {
        return ids[index];
    }

    /**
     * Where a token came from.
     *
     * @param index its index
     * @return the index of the first code point of the original text
     */
    public int from(int index) {
        return from[index];
    }

    /**
     * Where a token came from.
     *
     * @param index its index
     * @return the index after the last code point of the original text
     */
    public int to(int index) {
        return to[index];
    }

    /**
     * The piece that a token belongs to.
     *
     * @param index its index
     * @return the index of the piece
     */
    public int word(int index) {
        return words[index];
    }
}
