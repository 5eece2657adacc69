/**
 * Kernels: what a prepared kernel is ({@link dev.tenon.kernel.Kernel}), the table of each family with the best first
 * and the scalar one last ({@link dev.tenon.kernel.KernelTable}), the way from an operator to a problem of a family
 * ({@link dev.tenon.kernel.OpKernels}), and layouts of operands ({@link dev.tenon.kernel.Layout}).
 *
 * <p>What must not live here: loops over elements, which belong to {@code .scalar} and {@code .vector}; the Vector API,
 * which only {@code .vector} may import; graphs. To add a kernel: its file in the package of its tier and a line in
 * its family's table. To give an operator its first kernel: a line in {@link dev.tenon.kernel.CoreKernels} too.
 */
package dev.tenon.kernel;
