package dev.tenon.text.file;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.text.model.Merges;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The pairs of a vocabulary of SentencePiece: two tokens become one if what they spell together is a token, the one of the
 * largest score first. Equal scores are equal ranks.
 */
final class ScoredMerges {
    /** Each place at which a token may be cut is tried, so a long one would take long. */
    private static final int MOST_LENGTH = 512;

    /** So few that the arrays of pairs can be doubled. */
    private static final int MOST_PAIRS = 1 << 28;

    private ScoredMerges() {}

    /**
     * Finds all pairs.
     *
     * @param file how messages call the file
     * @param tokens the tokens
     * @param vocabulary their ids
     * @param scores the score of each
     * @param limits {@link Limits#maxRecords} holds for the pairs
     * @return the pairs
     */
    static Merges of(String file, List<String> tokens, Vocabulary vocabulary, float[] scores, Limits limits) {
        int most = (int) Math.min(limits.maxRecords(), MOST_PAIRS);
        Integer[] byScore = IntStream.range(0, tokens.size()).boxed().toArray(Integer[]::new);
        Arrays.sort(byScore, Comparator.comparingDouble(id -> -scores[id]));
        int[] pairs = new int[1 << 16];
        int size = 0;
        for (int token : byScore) {
            String text = tokens.get(token);
            if (text.length() > MOST_LENGTH) {
                throw new UnsupportedModelException(
                        file,
                        "a token of " + text.length() + " characters",
                        "at most " + MOST_LENGTH,
                        "use the tokenizer.json of the model");
            }
            WorkBudget.spend(text.length());
            for (int at = 1; at < text.length(); at++) {
                int left = vocabulary.id(text.substring(0, at));
                int right = left == TokenModel.NONE ? TokenModel.NONE : vocabulary.id(text.substring(at));
                if (right != TokenModel.NONE) {
                    if (size / 3 == most) {
                        throw new ResourceLimitException(
                                file,
                                "more than " + most + " pairs of tokens that make a token",
                                null,
                                "raise Limits.maxRecords if the source is trusted");
                    }
                    pairs = size + 3 > pairs.length ? Arrays.copyOf(pairs, 2 * pairs.length) : pairs;
                    pairs[size++] = left;
                    pairs[size++] = right;
                    pairs[size++] = token;
                }
            }
        }
        Merges merges = new Merges(size / 3);
        int rank = 0;
        for (int i = 0; i < size; i += 3) {
            rank += i > 0 && scores[pairs[i + 2]] != scores[pairs[i - 1]] ? 1 : 0;
            merges.put(pairs[i], pairs[i + 1], rank, pairs[i + 2]);
        }
        return merges;
    }
}
