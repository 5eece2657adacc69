/**
 * The kernel family of matrix products in float32 and in 8-bit integers. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.gemm.GemmProblem} and {@link dev.tenon.kernel.gemm.IntegerGemmProblem}), for operators such as
 * MatMul, Gemm, MatMulInteger.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.gemm} and
 * {@code dev.tenon.kernel.vector.gemm}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.gemm;
