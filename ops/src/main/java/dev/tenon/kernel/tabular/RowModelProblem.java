package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;

/**
 * A row model over the rows of a matrix; its results are float32.
 *
 * @param model the model
 * @param rows the number of rows
 * @param x the element type of the matrix
 * @param labelled whether the first output is for labels
 * @param labels the labels that the model's index is of; null if nobody asks for them
 * @param scores whether somebody asks for the results
 */
public record RowModelProblem(RowModel model, long rows, DType x, boolean labelled, long[] labels, boolean scores) {}
