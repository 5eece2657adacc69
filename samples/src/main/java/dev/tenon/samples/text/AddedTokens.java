package dev.tenon.samples.text;

import java.util.List;

/**
 * Tokens that are found in a text as they stand, before it is cut into words: at each place the longest one, from left
 * to right. Immutable.
 */
final class AddedTokens {
    /**
     * One of them.
     *
     * @param content what is looked for, not empty
     * @param id its id
     * @param singleWord whether it is passed over beside a letter, digit, mark or connector
     * @param takesLeft whether white space before it is part of it
     * @param takesRight whether white space after it is part of it
     */
    record Token(String content, int id, boolean singleWord, boolean takesLeft, boolean takesRight) {}

    /** Takes what a text is made of, in order. */
    interface Sink {
        /**
         * Takes a stretch without such tokens.
         *
         * @param from index of its first code unit
         * @param to index past its last one
         * @return whether more is wanted
         */
        boolean text(int from, int to);

        /**
         * Takes a token.
         *
         * @param id its id
         * @return whether more is wanted
         */
        boolean token(int id);
    }

    private final List<Token> tokens;
    private final TokenTrie trie = new TokenTrie();

    /**
     * Makes a set of tokens.
     *
     * @param tokens the tokens; of two with the same content the first one counts
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
     * @param length how much of it counts
     * @param sink takes the parts, and no empty one
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
