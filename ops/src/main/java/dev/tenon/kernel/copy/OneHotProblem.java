package dev.tenon.kernel.copy;

import dev.tenon.tensor.DType;

/**
 * OneHot: {@code out[o, d, i]} is the on value if {@code d} is the place that {@code indices[o, i]} names, otherwise the off value.
 * A negative index counts from the end. An index outside of {@code [-depth, depth - 1]} names no place.
 *
 * @param outer the product of the dimensions before the new one
 * @param depth the number of places
 * @param inner the product of the dimensions after it
 * @param indices the element type of the indices: int64, int32 or float32
 * @param width the size of a value, bytes: 1, 2, 4 or 8
 */
public record OneHotProblem(long outer, long depth, long inner, DType indices, int width) {}
