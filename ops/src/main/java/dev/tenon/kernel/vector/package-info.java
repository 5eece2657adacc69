/**
 * Kernels of the vector tier: loops on the Vector API, the only package that imports {@code jdk.incubator.vector}. Its
 * classes are loaded no earlier than a kernel of this tier is prepared, since the module may be absent.
 *
 * <p>What must not live here: choices between kernels, which belong to the tables in {@code dev.tenon.kernel}; plain
 * loops. To add a kernel: a class named by how it works, {@code VectorSoftmax}, with a static method that gives a
 * {@link dev.tenon.kernel.Kernel}, and a line in the family's table. Species are the constants of
 * {@link dev.tenon.kernel.vector.VectorShape}; elementary functions are those of
 * {@link dev.tenon.kernel.vector.VectorMath}.
 */
package dev.tenon.kernel.vector;
