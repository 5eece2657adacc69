/**
 * Scalar kernels of matrix products in float32, float64 and 8-bit integers, and of distances between all rows of two matrices:
 * plain loops, which run on any JVM. The scalar kernel is the last line of each table.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table}
 * chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.scalar.gemm;
