/**
 * Vector kernels of pooling, channels-first and channels-last: maxima, maxima with indices, and averages. Quantised
 * averages have a scalar kernel only. Classes here load only after the tier was found to work, because the module
 * {@code jdk.incubator.vector} may be absent. {@link dev.tenon.kernel.vector} has the rules for vector loops.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.vector.pool;
