/**
 * Kernels of the scalar tier: plain loops over native memory, the last choice of every table, which runs wherever a JVM
 * runs.
 *
 * <p>What must not live here: choices between kernels, which belong to the tables in {@code dev.tenon.kernel}; the Vector
 * API. To add a kernel: a class named by how it works, {@code ScalarSoftmax}, and a line in the family's table.
 */
package dev.tenon.kernel.scalar;
