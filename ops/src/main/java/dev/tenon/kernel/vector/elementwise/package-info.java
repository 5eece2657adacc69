/**
 * Vector loops of the element-wise operators. Classes here load only after the vector tier was found to work, because the
 * module {@code jdk.incubator.vector} may be absent. The rules for such loops are in {@link dev.tenon.kernel.vector}.
 *
 * <p>Must not live here: choices between kernels; the tables in {@code dev.tenon.kernel.table} choose.
 *
 * <p>To add a loop: a static method of the shape of {@link dev.tenon.kernel.elementwise.UnaryLoop}, {@link
 * dev.tenon.kernel.elementwise.BinaryLoop} or {@link dev.tenon.kernel.elementwise.TernaryLoop}, and one line in the table of
 * its operator.
 */
package dev.tenon.kernel.vector.elementwise;
