package dev.tenon.text.model;

import dev.tenon.text.unicode.CharacterClasses;
import java.util.List;

/**
 * Tokens that are found in a text before it is cut into words, such as special tokens. The search goes from left to right
 * and takes the longest token at each position. Immutable.
 */
public final class AddedTokens {
    /** The most code points of a token, because the search looks at that many at each position. */
    public static final int MAX_LENGTH = 512;

    /**
     * A token.
     *
     * @param content the text of the token, not empty
     * @param id its id
     * @param singleWord whether the token is ignored next to a letter, digit, mark or connector
     * @param takesLeft whether white space before it belongs to it
     * @param takesRight whether white space after it belongs to it
     */
    public record Token(String content, int id, boolean singleWord, boolean takesLeft, boolean takesRight) {}

    /** Receives the parts of a text, in order. */
    public interface Sink {
        /**
         * Receives a part without such tokens.
         *
         * @param from the index of its first code point
         * @param to the index after its last code point
         */
        void text(int from, int to);

        /**
         * Receives a token.
         *
         * @param from the index of its first code point
         * @param to the index after its last code point
         * @param id its id
         */
        void token(int from, int to, int id);
    }

    private final List<Token> tokens;
    private final int[] lengths;
    private final TokenTrie trie = new TokenTrie();

    /**
     * Makes a set of tokens.
     *
     * @param tokens the tokens; the first of two with the same content is used
     */
    public AddedTokens(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
        this.lengths = new int[tokens.size()];
        for (int i = 0; i < tokens.size(); i++) {
            String content = tokens.get(i).content();
            trie.add(content, i);
            lengths[i] = content.codePointCount(0, content.length());
        }
    }

    /**
     * Cuts a text at the tokens in it.
     *
     * @param text code points
     * @param from the index of the first
     * @param to the index after the last
     * @param sink receives the parts; none is empty
     */
    public void split(int[] text, int from, int to, Sink sink) {
        int done = from;
        int spaceFrom = to;
        int spaceTo = from;
        for (int i = from; i < to && !trie.isEmpty(); ) {
            int found = longestAt(text, i, to);
            if (found == TokenTrie.NONE) {
                i++;
                continue;
            }
            Token token = tokens.get(found);
            int start = i;
            int end = i + lengths[found];
            i = end;
            boolean touches = start > from && CharacterClasses.isWordCharacter(text[start - 1])
                    || end < to && CharacterClasses.isWordCharacter(text[end]);
            if (token.singleWord() && touches) {
                continue;
            }
            if (token.takesLeft()) {
                while (start > done && CharacterClasses.isWhiteSpace(text[start - 1])) {
                    start--;
                }
                // The token before may have taken white space with which this one begins.
                start = Math.max(start, done);
            }
            if (token.takesRight()) {
                // Tokens may end in the same white space, so its end is looked for once.
                if (end < spaceFrom || end > spaceTo) {
                    spaceFrom = end;
                    spaceTo = end;
                    while (spaceTo < to && CharacterClasses.isWhiteSpace(text[spaceTo])) {
                        spaceTo++;
                    }
                }
                end = spaceTo;
            }
            if (done < start) {
                sink.text(done, start);
            }
            sink.token(start, end, token.id());
            done = end;
        }
        if (done < to) {
            sink.text(done, to);
        }
    }

    private int longestAt(int[] text, int at, int to) {
        int found = TokenTrie.NONE;
        int node = TokenTrie.ROOT;
        for (int i = at; i < to; i++) {
            node = trie.step(node, text[i]);
            if (node == TokenTrie.NONE) {
                break;
            }
            if (trie.id(node) != TokenTrie.NONE) {
                found = trie.id(node);
            }
        }
        return found;
    }
}
