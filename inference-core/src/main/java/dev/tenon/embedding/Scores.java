package dev.tenon.embedding;

import java.util.List;

/**
 * Scores of texts for a query.
 *
 * @param values a score for each text, in the order of the texts: the higher, the better the text fits the query
 * @param tokens the tokens of all pairs of query and text, special tokens included
 */
public record Scores(List<Double> values, int tokens) {
    /** Copies the list. */
    public Scores {
        values = List.copyOf(values);
    }
}
