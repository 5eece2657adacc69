package dev.tenon.samples.text;

import java.util.List;

/**
 * Tokens that are found in a text before it is cut into words, such as special tokens. The search goes from left to
 * right and takes the longest token at each position. Immutable.
 */
final class AddedTokens {
    /**
     * A token.
     *
     * @param content the text of the token, not empty
     * @param id its id
     * @param singleWord whether the token is ignored next to a letter, digit, mark or connector
     * @param takesLeft whether white space before it belongs to it
     * @param takesRight whether white space after it belongs to it
     */
    record Token(String content, int id, boolean singleWord, boolean takesLeft, boolean takesRight) {}

    /** Receives the parts of a text, in order. */
    interface Sink {
        /**
         * Receives a part without such tokens.
         *
         * @param from the index of its first code unit
         * @param to the index after its last code unit
         * @return whether the receiver wants more parts
         */
        boolean text(int from, int to);

        /**
         * Receives a token.
         *
         * @param id its id
         * @return whether the receiver wants more parts
         */
        boolean token(int id);
    }

    private final List<Token> tokens;
    private final TokenTrie trie = new TokenTrie();

    /**
     * Makes a set of tokens.
     *
     * @param tokens the tokens; the first of two with the same content is used
     */
    AddedTokens(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            trie.add(tokens.get(i).content(), i);
        }
    }

    /**
     * Cuts a text at the tokens in it.
     *
     * @param text well-formed UTF-16
     * @param length the number of code units to use
     * @param sink receives the parts; none is empty
     */
    void split(char[] text, int length, Sink sink) {
        int done = 0;
        for (int i = 0; i < length && !trie.isEmpty(); ) {
            int found = longestAt(text, i, length);
            if (found == TokenTrie.NONE) {
                i++;
                continue;
            }
            Token token = tokens.get(found);
            int start = i;
            int end = i + token.content().length();
            i = end;
            if (token.singleWord() && (wordEndsAt(text, start) || wordStartsAt(text, end, length))) {
                continue;
            }
            if (token.takesLeft()) {
                while (start > done && BertCharacters.isWhiteSpace(text[start - 1])) {
                    start--;
                }
            }
            if (token.takesRight()) {
                while (end < length && BertCharacters.isWhiteSpace(text[end])) {
                    end++;
                }
            }
            if (done < start && !sink.text(done, start)) {
                return;
            }
            if (!sink.token(token.id())) {
                return;
            }
            done = end;
        }
        if (done < length) {
            sink.text(done, length);
        }
    }

    private int longestAt(char[] text, int at, int length) {
        int found = TokenTrie.NONE;
        int node = TokenTrie.ROOT;
        for (int i = at; i < length; i++) {
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

    private static boolean wordEndsAt(char[] text, int at) {
        return at > 0 && BertCharacters.isWordCharacter(Character.codePointBefore(text, at));
    }

    private static boolean wordStartsAt(char[] text, int at, int length) {
        return at < length && BertCharacters.isWordCharacter(Character.codePointAt(text, at, length));
    }
}
