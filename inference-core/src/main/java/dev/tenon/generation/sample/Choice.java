package dev.tenon.generation.sample;

import dev.tenon.generation.TokenProbability;
import java.util.List;

/**
 * A token that was chosen.
 *
 * @param token the id of the token
 * @param logProbability its log-probability in the distribution of the model; NaN if log-probabilities were not asked for
 * @param top the most probable tokens of the model, best first; empty if they were not asked for; unmodifiable
 */
public record Choice(int token, float logProbability, List<TokenProbability> top) {}
