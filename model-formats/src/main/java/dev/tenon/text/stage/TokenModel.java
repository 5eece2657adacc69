package dev.tenon.text.stage;

/** A vocabulary, and the way in which a piece of text is spelled with it. Immutable and safe for any number of threads. */
public interface TokenModel {
    /** The id of no token. */
    int NONE = -1;

    /**
     * Appends the tokens of a piece.
     *
     * @param text code points
     * @param from the index of the first code point of the piece
     * @param to the index after its last code point, greater than {@code from}
     * @param out receives the tokens
     */
    void tokenize(int[] text, int from, int to, TokenList out);

    /** {@return the tokens with their ids} */
    Vocabulary vocabulary();
}
