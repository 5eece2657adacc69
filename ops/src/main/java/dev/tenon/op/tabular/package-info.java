/**
 * Operators of the domain {@code ai.onnx.ml}: trees, linear models, support vector machines and what prepares their
 * features.
 *
 * <p>The standard's text leaves much open here: which label a score of a single column means, what a transformation does
 * to one column, how a tie ends. Where it does, these operators do as ONNX Runtime does, since that is what converters
 * test their models with; the operators' comments say what it is. A label is decided by comparing scores that were
 * rounded, so that the order and the width of a sum matter: where they do, they belong to the operator's contract.
 *
 * <p>What must not live here: kernels. To add an operator: its record, a line in
 * {@link dev.tenon.op.tabular.TabularOps}, its cases among the tests, a line in the reader's table.
 */
package dev.tenon.op.tabular;
