/**
 * Scalar loops of the models for tables. They run on any JVM and are the last lines of their tables.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the tables in {@code dev.tenon.kernel.table} choose.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.scalar.tabular;
