/**
 * The kernel family of matrix products in float32, float64 and 8-bit integers. It describes a product in a form that
 * every tier understands ({@link dev.tenon.kernel.gemm.GemmProblem} and {@link
 * dev.tenon.kernel.gemm.IntegerGemmProblem}), for operators such as MatMul, Gemm and MatMulInteger. Distances between all rows of
 * two matrices go through both in the same blocks ({@link dev.tenon.kernel.gemm.DistanceProblem}).
 *
 * <p>This package holds problems. Packed layouts depend on the vector width and belong to {@code
 * dev.tenon.kernel.vector.gemm}; loops belong there and to {@code dev.tenon.kernel.scalar.gemm}; the table that lists
 * the kernels belongs to {@code dev.tenon.kernel.table}. This package must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.gemm;
