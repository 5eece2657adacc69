package dev.tenon.kernel.reduce;

/**
 * Prefix sums (CumSum) of float32 along an axis of {@code [outer, length, inner]}. There are {@code outer * inner}
 * lines of {@code length} elements. The elements of a line are {@code inner} elements apart. Operands are the input,
 * the axis, which kernels do not read, and the output.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after the axis
 * @param exclusive whether the sum of an element leaves out the element itself
 * @param reverse whether sums start at the last element
 */
public record PrefixSumProblem(long outer, long length, long inner, boolean exclusive, boolean reverse) {}
