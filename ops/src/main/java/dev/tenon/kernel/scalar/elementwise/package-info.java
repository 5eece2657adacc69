/**
 * Scalar loops of the element-wise operators. They run on any JVM and are the last lines of their tables.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the tables in {@code dev.tenon.kernel.table} choose.
 *
 * <p>To add a loop: a static method of the shape of {@link dev.tenon.kernel.elementwise.UnaryLoop}, {@link
 * dev.tenon.kernel.elementwise.BinaryLoop} or {@link dev.tenon.kernel.elementwise.TernaryLoop}, and one line in the table of
 * its operator.
 */
package dev.tenon.kernel.scalar.elementwise;
