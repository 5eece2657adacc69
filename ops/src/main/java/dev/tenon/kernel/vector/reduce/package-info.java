/**
 * Kernels of the vector tier for reductions, for ArgMax and ArgMin, and for prefix sums: loops on the Vector API.
 * Classes here load only after the tier was found to work, because the module {@code jdk.incubator.vector} may be
 * absent. {@link dev.tenon.kernel.vector} gives the rules for such loops.
 *
 * <p>Kernels of other families use {@link dev.tenon.kernel.vector.reduce.RowReductions}.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: write a class that is named by how it works, and add one line to the family's table.
 */
package dev.tenon.kernel.vector.reduce;
