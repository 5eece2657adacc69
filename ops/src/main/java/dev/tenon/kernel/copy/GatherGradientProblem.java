package dev.tenon.kernel.copy;

/**
 * The gradient of gathered float32 slices: zeros, to which slices are added at their indices, in the order of the indices.
 * Operands are the indices, the slices [outer, count, inner], and the result [outer, size, inner].
 *
 * @param outer the number of blocks before the axis
 * @param size the dimension of the axis
 * @param inner the number of neighbouring elements of a slice
 * @param count the number of indices
 * @param indexBytes the size of an index, bytes: 4 or 8
 */
public record GatherGradientProblem(long outer, long size, long inner, long count, int indexBytes) {}
