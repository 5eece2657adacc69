package dev.tenon.op.geometry;

/**
 * The indices that a slice takes along one axis: {@code start, start + step, …}, {@code count} of them.
 *
 * @param start the first index; in the dimension if the count is not 0
 * @param step the distance of neighbours, not 0
 * @param count the number of indices, at least 0
 */
public record SliceRange(long start, long step, long count) {
    /** An end from here on means the end of the dimension, however long it is. */
    public static final long TO_THE_END = Integer.MAX_VALUE;

    /**
     * The indices for bounds as the operator Slice takes them. Negative bounds count from the end. Then they are
     * clamped: for a positive step both to [0, dim]; for a negative step the start to [0, dim-1] and the end to [-1,
     * dim-1].
     *
     * @param dim the dimension, at least 0
     * @param start the first index
     * @param end the first index that is no longer taken; 2^31-1 and above is the end of the dimension
     * @param step the distance of neighbours, not 0
     * @return the indices
     */
    public static SliceRange of(long dim, long start, long end, long step) {
        long from = start < 0 ? start + dim : start;
        long to = end >= TO_THE_END ? dim : end < 0 ? end + dim : end;
        if (step > 0) {
            from = Math.clamp(from, 0, dim);
            to = Math.clamp(to, 0, dim);
            return new SliceRange(from, step, to > from ? (to - from - 1) / step + 1 : 0);
        }
        from = Math.min(Math.max(from, 0), dim - 1);
        to = Math.min(Math.max(to, -1), dim - 1);
        long back = -Math.max(step, -Long.MAX_VALUE);
        return new SliceRange(from, step, from > to ? (from - to - 1) / back + 1 : 0);
    }
}
