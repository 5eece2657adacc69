/**
 * Vector loops of Resize. {@link dev.tenon.kernel.vector.resize.VectorResize} is the kernel; it resizes the innermost axis by
 * {@code InnerAxisLoops} and other axes by {@code OuterAxisLoops}. Classes here load only after the vector tier was found to
 * work, because the module {@code jdk.incubator.vector} may be absent. The rules for such loops are in {@link
 * dev.tenon.kernel.vector}.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.vector.resize;
