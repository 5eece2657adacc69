package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;

/**
 * A linear model or a support vector machine over the rows of a matrix. Its results are float32.
 *
 * @param model the model
 * @param rows the number of rows
 * @param dtype the element type of the matrix
 * @param hasLabelOutput whether the first output is for labels
 * @param labels the labels by their index; null if nothing reads them
 * @param writesScores whether anything reads the results
 */
public record RowModelProblem(
        RowModel model, long rows, DType dtype, boolean hasLabelOutput, long[] labels, boolean writesScores) {}
