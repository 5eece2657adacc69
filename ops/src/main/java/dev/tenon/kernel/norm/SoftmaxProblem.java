package dev.tenon.kernel.norm;

/**
 * Softmax or LogSoftmax of float32 along an axis of {@code [outer, length, inner]}. There are {@code outer * inner}
 * lines of {@code length} elements. The elements of a line are {@code inner} elements apart. Operands are the input and
 * the output.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after the axis
 * @param log whether this is LogSoftmax
 */
public record SoftmaxProblem(long outer, long length, long inner, boolean log) {}
