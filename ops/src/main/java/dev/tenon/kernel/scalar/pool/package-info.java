/**
 * Scalar kernels of pooling, channels-first and channels-last, with indices and of quantised numbers: plain loops,
 * which run on any JVM. The scalar kernel is the last line of each table.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table}
 * chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.scalar.pool;
