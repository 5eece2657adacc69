package dev.tenon.samples.text;

/**
 * The WordPiece model. A word starts with the longest token that fits; the rest is spelled by the longest continuing
 * tokens that fit, one after the other. If no token fits the rest, the whole word is unknown. Immutable.
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
     * @param prefix the prefix of continuing tokens; may be empty
     * @param unknown the id of unknown words
     * @param maxWordLength the most code points of a word; longer words are unknown
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
     * @param text the text of the word, well-formed UTF-16
     * @param from the index of its first code unit
     * @param to the index after its last code unit, greater than {@code from}
     * @param out receives one id or more
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
