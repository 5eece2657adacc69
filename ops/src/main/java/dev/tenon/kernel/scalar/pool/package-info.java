/**
 * Kernels of the scalar tier for pooling: maxima and averages over windows, with indices, with channels last, and of quantised numbers: plain loops. Every kernel here runs on any JVM and is the last line of its table.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.scalar.pool;
