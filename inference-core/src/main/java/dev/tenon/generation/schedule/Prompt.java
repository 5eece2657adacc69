package dev.tenon.generation.schedule;

import dev.tenon.generation.GenerationRequest;
import java.util.Set;

/**
 * A request whose prompt is tokens, checked.
 *
 * @param tokens the tokens of the prompt, at least one; not changed
 * @param request the request
 * @param ends the tokens that end the text
 * @param tail makes its text, for this one generation
 */
public record Prompt(int[] tokens, GenerationRequest request, Set<Integer> ends, TextTail tail) {}
