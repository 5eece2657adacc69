/**
 * The geometry of operators: which elements of the operands meet in an element of the result. Windows that slide over an
 * input ({@link dev.tenon.op.geometry.WindowGrid}), stacked matrix products
 * ({@link dev.tenon.op.geometry.MatrixProduct}), broadcasting, slices, the taps of a resized axis, indices of row-major tensors
 * ({@link dev.tenon.op.geometry.RowMajor}). Shape inference, references and kernels share it. The package is exported to
 * Tenon's own modules only.
 *
 * <p>Operators do not belong here, and neither do the loops of kernels.
 */
package dev.tenon.op.geometry;
