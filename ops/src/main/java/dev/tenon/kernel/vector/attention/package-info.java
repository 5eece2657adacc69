/**
 * Kernels of the vector tier for attention, for rotary embedding, and for writing into a KV cache: loops on the Vector
 * API. Classes here load only after the tier was found to work, because the module {@code jdk.incubator.vector} may be
 * absent. {@link dev.tenon.kernel.vector} gives the rules for such loops.
 *
 * <p>There are two kernels of attention. {@link dev.tenon.kernel.vector.attention.VectorAttention} packs the keys and
 * values of a head into panels and multiplies tiles of queries with them.
 * {@link dev.tenon.kernel.vector.attention.VectorDirectAttention} reads keys and values in place, for few queries. Both
 * share the steps between the two products. {@link dev.tenon.kernel.vector.attention.VectorPagedAttention} reads keys and values in
 * pages, of any sequences, with the same products.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: write a class that is named by how it works, and add one line to the family's table.
 */
package dev.tenon.kernel.vector.attention;
