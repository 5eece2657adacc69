package dev.tenon.text.model;

import dev.tenon.error.InvalidInputException;
import dev.tenon.text.stage.TokenList;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The Unigram model. Of all ways to spell a piece, the one with the largest sum of scores is taken (Viterbi). A character
 * without a token costs ten more than the least score; such characters in a row are one token. A model without a token for
 * the unknown, and without tokens for their bytes, refuses them. Immutable.
 */
public final class Unigram implements TokenModel {
    private static final double UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final TokenTrie trie = new TokenTrie();
    private final double[] scores;
    private final double unknownScore;
    private final int unknown;
    private final int[] bytes;

    /**
     * Makes a model.
     *
     * @param vocabulary tokens and their ids
     * @param scores the score of each id, finite
     * @param unknown the id of what has no token, or {@link #NONE}
     * @param byteFallback whether what has no token is spelled by the tokens of its bytes, if all of them have one
     */
    public Unigram(Vocabulary vocabulary, double[] scores, int unknown, boolean byteFallback) {
        this.vocabulary = vocabulary;
        this.scores = scores.clone();
        this.unknown = unknown;
        this.unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
        vocabulary.ids().forEach((token, id) -> {
            if (!token.isEmpty()) {
                trie.add(token, id);
            }
        });
        bytes = byteFallback ? ByteTokens.ids(vocabulary) : null;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void tokenize(int[] text, int from, int to, TokenList out) {
        int length = to - from;
        int[] starts = new int[length + 1];
        int[] ids = new int[length + 1];
        search(text, from, length, starts, ids);
        // Turns the links of the best way round: the start of the token that ends at an index becomes its end.
        int[] ends = new int[length + 1];
        for (int end = length; end > 0; end = starts[end]) {
            ends[starts[end]] = end;
        }
        int start = 0;
        while (start < length) {
            int end = ends[start];
            if (ids[end] != unknown) {
                out.add(ids[end], from + start, from + end);
                start = end;
                continue;
            }
            while (end < length && ids[ends[end]] == unknown) {
                end = ends[end];
            }
            addUnknown(text, from + start, from + end, out);
            start = end;
        }
    }

    private void search(int[] text, int from, int length, int[] starts, int[] ids) {
        double[] best = new double[length + 1];
        Arrays.fill(starts, NONE);
        for (int at = 0; at < length; at++) {
            boolean single = false;
            int node = TokenTrie.ROOT;
            for (int end = at + 1; end <= length; end++) {
                node = trie.step(node, text[from + end - 1]);
                if (node == TokenTrie.NONE) {
                    break;
                }
                int id = trie.id(node);
                if (id == TokenTrie.NONE) {
                    continue;
                }
                double score = best[at] + scores[id];
                if (starts[end] == NONE || score > best[end]) {
                    best[end] = score;
                    starts[end] = at;
                    ids[end] = id;
                }
                single |= end == at + 1;
            }
            double score = best[at] + unknownScore;
            if (!single && (starts[at + 1] == NONE || score > best[at + 1])) {
                best[at + 1] = score;
                starts[at + 1] = at;
                ids[at + 1] = unknown;
            }
        }
    }

    private void addUnknown(int[] text, int from, int to, TokenList out) {
        String word = new String(text, from, to - from);
        int id = vocabulary.id(word);
        if (id == NONE && bytes != null) {
            byte[] all = word.getBytes(StandardCharsets.UTF_8);
            boolean known = true;
            for (byte b : all) {
                known &= bytes[b & 0xFF] != NONE;
            }
            if (known) {
                for (byte b : all) {
                    out.add(bytes[b & 0xFF], from, to);
                }
                return;
            }
        }
        if (id == NONE && unknown == NONE) {
            throw new InvalidInputException(
                    "text",
                    "'%s' (U+%04X), which no token of the vocabulary has".formatted(word, text[from]),
                    "text that the vocabulary spells, since unk_id is null in the file of the tokenizer",
                    "leave such characters out, or name the token for them as unk_id");
        }
        out.add(id == NONE ? unknown : id, from, to);
    }
}
