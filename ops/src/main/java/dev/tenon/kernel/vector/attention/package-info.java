/**
 * Kernels of the vector tier for attention, rotary embedding, and writing into a KV cache: loops on the Vector API. Classes here load only after the tier was found to work, because the module
 * {@code jdk.incubator.vector} may be absent. The rules for such loops are in {@link dev.tenon.kernel.vector}.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.vector.attention;
