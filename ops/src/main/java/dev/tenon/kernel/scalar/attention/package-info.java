/**
 * Kernels of the scalar tier for attention, also over pages, for rotary embedding, and for writing into a KV cache: plain loops. Every
 * kernel here runs on any JVM and is the last line of its table.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table}
 * chooses.
 *
 * <p>To add a kernel: write a class that is named by how it works, and add one line to the family's table.
 */
package dev.tenon.kernel.scalar.attention;
