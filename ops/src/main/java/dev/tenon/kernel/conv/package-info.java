/**
 * The kernel family of convolutions, their layouts and costs: dense, depthwise, transposed, in 8-bit integers, by Winograd's minimal filtering, and the squeeze-and-excite block. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.conv.ConvProblem}), for operators such as
 * Conv, ConvTranspose, ConvInteger, QLinearConv.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.conv} and
 * {@code dev.tenon.kernel.vector.conv}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.conv;
