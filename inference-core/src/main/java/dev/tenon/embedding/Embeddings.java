package dev.tenon.embedding;

import java.util.List;

/**
 * Vectors of texts.
 *
 * @param vectors a vector for each text, in the order of the texts; the arrays belong to the caller
 * @param tokens the tokens of all texts, without special tokens, and without those that were cut off
 */
public record Embeddings(List<float[]> vectors, int tokens) {
    /** Copies the list. */
    public Embeddings {
        vectors = List.copyOf(vectors);
    }
}
