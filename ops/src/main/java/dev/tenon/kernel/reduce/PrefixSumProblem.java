package dev.tenon.kernel.reduce;

/**
 * Sums of all elements up to each element of lines of float32: {@code outer * inner} lines of {@code length} elements that
 * lie {@code inner} apart. Operands are the input, the axis, which kernels don't read, and the output.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after it
 * @param exclusive whether an element's sum leaves the element itself out
 * @param reverse whether sums run from the end
 */
public record PrefixSumProblem(long outer, long length, long inner, boolean exclusive, boolean reverse) {}
