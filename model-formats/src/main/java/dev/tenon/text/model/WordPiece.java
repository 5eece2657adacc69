package dev.tenon.text.model;

import dev.tenon.text.stage.TokenList;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;

/**
 * The WordPiece model. A word starts with the longest token that fits; the rest is spelled by the longest continuing tokens
 * that fit, one after the other. If no token fits the rest, the whole word is unknown. Immutable.
 */
public final class WordPiece implements TokenModel {
    private final Vocabulary vocabulary;
    private final TokenTrie trie = new TokenTrie();
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
    public WordPiece(Vocabulary vocabulary, String prefix, int unknown, int maxWordLength) {
        this.vocabulary = vocabulary;
        vocabulary.ids().forEach((token, id) -> {
            if (!token.isEmpty()) {
                trie.add(token, id);
            }
        });
        this.continuing = trie.walk(prefix);
        this.unknown = unknown;
        this.maxWordLength = maxWordLength;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void tokenize(int[] text, int from, int to, TokenList out) {
        if (to - from > maxWordLength) {
            out.add(unknown, from, to);
            return;
        }
        int before = out.size();
        int at = from;
        while (at < to) {
            int node = at == from ? TokenTrie.ROOT : continuing;
            int id = TokenTrie.NONE;
            int end = at;
            for (int i = at; i < to && node != TokenTrie.NONE; i++) {
                node = trie.step(node, text[i]);
                if (node != TokenTrie.NONE && trie.id(node) != TokenTrie.NONE) {
                    id = trie.id(node);
                    end = i + 1;
                }
            }
            if (id == TokenTrie.NONE) {
                out.cut(before);
                out.add(unknown, from, to);
                return;
            }
            out.add(id, at, end);
            at = end;
        }
    }
}
