package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.NumberTable;
import dev.tenon.tensor.DType;

/**
 * Numbers translated by a table: {@code y[i] = values[k]} if {@code x[i]} is the k-th key of the table.
 *
 * @param count the number of elements
 * @param dtype the element type of the operand: int64, int32, int16, float32 or float64
 * @param table the keys, the bits of floats if the operand has floats
 * @param values the bits of the value of each key, and then those of the value of numbers that are no key
 * @param valueBytes the size of a value, bytes: 2, 4 or 8
 */
public record LookupProblem(long count, DType dtype, NumberTable table, long[] values, int valueBytes) {}
