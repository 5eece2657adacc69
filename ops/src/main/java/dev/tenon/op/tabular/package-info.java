/**
 * Operators of the domain {@code ai.onnx.ml}: trees, linear models, support vector machines, and the preparation of
 * their features.
 *
 * <p>The standard's text does not define everything here: the label of a score of a single column, the transformation of
 * one column, the label at a tie. There these operators do as ONNX Runtime does, since converters test their models with
 * it; the comments of the operators say how. A label is decided by comparing scores that were rounded. So the order and
 * the width of a sum belong to the contract of an operator where they affect labels.
 *
 * <p>Kernels do not belong here. To add an operator, write its record, its line in {@code TabularOperators}
 * ({@code dev.tenon.op.catalog}), a class of test cases, and a line in the reader's table.
 */
package dev.tenon.op.tabular;
