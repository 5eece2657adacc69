/**
 * Scalar loops of Resize. They run on any JVM and are the last lines of their table.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.scalar.resize;
