package dev.tenon.kernel.norm;

/**
 * Softmax, or its logarithm, over lines of float32: {@code outer * inner} lines of {@code length} elements that lie
 * {@code inner} apart.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after it
 * @param log whether the logarithm is wanted
 */
public record SoftmaxProblem(long outer, long length, long inner, boolean log) {}
