package dev.tenon.kernel.reduce;

/**
 * Where the extremes of lines of float32 lie: {@code outer * inner} lines of {@code length} elements that lie {@code inner}
 * apart. A NaN counts as the extreme, zeros of either sign are equal. Operands are the input and the output.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis, at least 1
 * @param inner the product of the dimensions after it
 * @param greatest whether the greatest element is looked for, else the least
 * @param last whether the last of equal elements is taken, else the first
 * @param mark whether the output is as many float32 as the input, 1 at the extreme of each line and 0 elsewhere; else it is
 *     the index of each line's extreme as int64
 */
public record ArgMinMaxProblem(long outer, long length, long inner, boolean greatest, boolean last, boolean mark) {}
