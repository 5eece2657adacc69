package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.NumberTable;
import dev.tenon.tensor.DType;

/**
 * A row of zeros for each number, with 1 at the index of its category. Fractions of floats are cut off.
 *
 * @param count the number of elements, each of which becomes a row
 * @param dtype the element type of the operand: int64, int32, float32 or float64
 * @param categories the categories
 * @param zeros whether an element without a category gives zeros; otherwise it is an error
 */
public record OneHotEncoderProblem(long count, DType dtype, NumberTable categories, boolean zeros) {}
