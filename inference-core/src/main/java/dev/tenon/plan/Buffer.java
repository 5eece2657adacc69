package dev.tenon.plan;

/**
 * A range of the arena that values share: a value, its views, and what is computed in its place. Where values are
 * computed straight into the memory of their Concat, their buffers are ranges of its buffer and live as long.
 *
 * @param bytes its size
 * @param first the step that writes it first; -1 for inputs of the graph
 * @param last the last step that uses it; the number of steps for outputs of the graph
 * @param offset its place in the arena, a multiple of {@link MemoryPlan#ALIGNMENT}
 */
public record Buffer(long bytes, int first, int last, long offset) {}
