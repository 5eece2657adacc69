/**
 * The models of tabular operators, in the form that references and kernels compute with: trees
 * ({@link dev.tenon.op.tabular.model.Forest}) and models of rows ({@link dev.tenon.op.tabular.model.RowModel},
 * {@link dev.tenon.op.tabular.model.SupportVectorModel}), and tables of numbers
 * ({@link dev.tenon.op.tabular.model.NumberTable}). The package
 * is exported to readers of files only, which build forests by
 * {@link dev.tenon.op.tabular.model.ForestBuilder}.
 *
 * <p>Operators do not belong here, and neither do the loops of kernels.
 */
package dev.tenon.op.tabular.model;
