/**
 * The kernel family of convolutions: dense, grouped, depthwise, transposed, in 8-bit integers, by Winograd's minimal
 * filtering, and the squeeze-and-excitation block. It describes a convolution in a form that every tier understands
 * ({@link dev.tenon.kernel.conv.ConvProblem}), for operators such as Conv, ConvTranspose, ConvInteger and QLinearConv.
 *
 * <p>This package holds problems, weight layouts that do not need the Vector API, and the cost model that chooses
 * between them. Loops belong to {@code dev.tenon.kernel.scalar.conv} and {@code dev.tenon.kernel.vector.conv}, with one
 * exception: {@link dev.tenon.kernel.conv.IntegerConvKernel} holds the loops that both tiers share. The table that
 * lists the kernels belongs to {@code dev.tenon.kernel.table}. This package must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.conv;
