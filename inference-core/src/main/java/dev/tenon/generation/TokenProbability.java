package dev.tenon.generation;

/**
 * A token and its log-probability.
 *
 * @param token the id of the token
 * @param logProbability the natural logarithm of its probability, at most 0, negative infinity for a token that can't come; that of
 *     the model's own distribution, as {@link Sampling#logProbabilities(int)} says
 */
public record TokenProbability(int token, float logProbability) {}
