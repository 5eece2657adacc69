package dev.tenon.kernel.reduce;

/**
 * ArgMax, ArgMin or Hardmax of float32 along an axis of {@code [outer, length, inner]}. There are {@code outer * inner}
 * lines of {@code length} elements. The elements of a line are {@code inner} elements apart. NaN counts as the greatest
 * and as the least element; zeros of either sign are equal. Operands are the input and the output.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis, at least 1
 * @param inner the product of the dimensions after the axis
 * @param max whether the greatest element of a line is searched for; otherwise the least
 * @param lastOfEqual whether the last of equal elements is taken; otherwise the first
 * @param oneHot whether the output is Hardmax: float32 in the shape of the input, 1 at the element that is found and 0
 *     elsewhere; otherwise the output is the index of that element in each line, as int64
 */
public record ArgMinMaxProblem(long outer, long length, long inner, boolean max, boolean lastOfEqual, boolean oneHot) {}
