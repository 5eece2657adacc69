/**
 * The kernel family of normalisation and softmax. A problem describes the work in a form that every tier understands:
 * {@link dev.tenon.kernel.norm.NormProblem} for LayerNormalization and RMSNormalization,
 * {@link dev.tenon.kernel.norm.SumNormProblem} for these after a sum, {@link dev.tenon.kernel.norm.ChannelNormProblem}
 * for BatchNormalization, InstanceNormalization and GroupNormalization, {@link dev.tenon.kernel.norm.SoftmaxProblem}
 * for Softmax and LogSoftmax.
 *
 * <p>Must not live here: loops over elements, which belong to {@code dev.tenon.kernel.scalar.norm} and
 * {@code dev.tenon.kernel.vector.norm}; tables of kernels, which belong to {@code dev.tenon.kernel.table}. This package
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.norm;
