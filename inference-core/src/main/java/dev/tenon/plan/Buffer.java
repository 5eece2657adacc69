package dev.tenon.plan;

/**
 * A range of the arena that values share: a value, its views, and what is computed in its place. Where values are
 * computed straight into the memory of their Concat, their buffers lie in its buffer and live as long; where they are
 * parts of its rows, each begins where its first row does, and its rows lie among those of the others.
 *
 * @param bytes its size
 * @param first the step that writes it first; -1 for inputs of the graph
 * @param last the last step that uses it; the number of steps for outputs of the graph
 * @param offset its place in the arena, a multiple of {@link MemoryPlan#ALIGNMENT}
 */
public record Buffer(long bytes, int first, int last, long offset) {}
