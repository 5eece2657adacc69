package dev.tenon.generation;

import java.util.List;

/**
 * A token that was generated.
 *
 * @param id its id
 * @param logProbability its log-probability, as {@link Sampling#logProbabilities} says; NaN if it was not asked for
 * @param top the most probable tokens at its place, the most probable first; empty if they were not asked for
 */
public record GeneratedToken(int id, float logProbability, List<TokenProbability> top) {
    /** Copies the list. */
    public GeneratedToken {
        top = List.copyOf(top);
    }
}
