package dev.tenon.kernel.reduce;

/**
 * The k greatest or least elements of float32 along an axis of {@code [outer, length, inner]}, sorted. Elements of a line are
 * {@code inner} elements apart, in the input and in the outputs. NaN counts as the greatest element, zeros of either sign are
 * equal, and the first one of equal elements comes first. The operands are the input, k, the values and the indices; an output may
 * be absent.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after the axis
 * @param k the number of elements that are wanted, at most length
 * @param largest whether the greatest ones are wanted, else the least
 */
public record TopKProblem(long outer, int length, long inner, int k, boolean largest) {}
