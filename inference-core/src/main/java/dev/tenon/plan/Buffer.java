package dev.tenon.plan;

/**
 * A range of the arena that values share: a value, its views, and values that are computed in place. If a value is
 * computed straight into the result of its Concat, its buffer is a part of the buffer of the Concat and lives as long.
 * If the value is a part of the rows of the result, its buffer begins at its part of the first row, and its rows are
 * separated by those of the other parts.
 *
 * <p>The buffer of a state is no part of the arena: it is memory of the caller.
 *
 * @param bytes its size
 * @param first the step that writes it first; -1 for inputs of the graph
 * @param last the last step that uses it; the number of steps for outputs of the graph
 * @param offset where it begins in the arena, in bytes, a multiple of {@link MemoryPlan#ALIGNMENT}; less than 0 for a state
 */
public record Buffer(long bytes, int first, int last, long offset) {
    /** The offset of a state. */
    static final long OUTSIDE = -1;

    /**
     * Whether it is the memory of a state.
     *
     * @return true if the caller gives it
     */
    public boolean isState() {
        return offset < 0;
    }
}
