package dev.tenon.samples.text;

/**
 * The WordPiece model: a word becomes the longest token that it starts with, then the longest continuing token, and so
 * on; a word with a rest that no token starts is unknown as a whole. Immutable.
 */
final class WordPieceModel {
    private final TokenTrie vocabulary;
    private final int continuing;
    private final int unknown;
    private final int maxWordLength;

    /**
     * Makes a model.
     *
     * @param vocabulary tokens and their ids; continuing tokens with their prefix
     * @param prefix what a continuing token starts with; may be empty
     * @param unknown id of what no token spells
     * @param maxWordLength the longest word that is looked at, in code points
     */
    WordPieceModel(TokenTrie vocabulary, String prefix, int unknown, int maxWordLength) {
        this.vocabulary = vocabulary;
        this.continuing = vocabulary.walk(prefix);
        this.unknown = unknown;
        this.maxWordLength = maxWordLength;
    }

    /**
     * Appends the ids of one word.
     *
     * @param text holds the word, well-formed UTF-16
     * @param from index of its first code unit
     * @param to index past its last one; more than {@code from}
     * @param out takes one id or more
     */
    void encode(char[] text, int from, int to, IdList out) {
        if (Character.codePointCount(text, from, to - from) > maxWordLength) {
            out.add(unknown);
            return;
        }
        int before = out.size();
        int at = from;
        while (at < to) {
            int node = at == from ? TokenTrie.ROOT : continuing;
            int id = TokenTrie.NONE;
            int end = at;
            for (int i = at; i < to && node != TokenTrie.NONE; i++) {
                node = vocabulary.step(node, text[i]);
                if (node != TokenTrie.NONE && vocabulary.id(node) != TokenTrie.NONE) {
                    id = vocabulary.id(node);
                    end = i + 1;
                }
            }
            if (id == TokenTrie.NONE) {
                out.cut(before);
                out.add(unknown);
                return;
            }
            out.add(id);
            at = end;
        }
    }
}
