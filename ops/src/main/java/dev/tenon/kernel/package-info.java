/**
 * Kernels: what a prepared kernel is ({@link dev.tenon.kernel.Kernel}), the table of each family with the best first
 * and the scalar one last ({@link dev.tenon.kernel.KernelTable}), the way from an operator to a problem of a family
 * ({@link dev.tenon.kernel.OpKernels}), and layouts of operands ({@link dev.tenon.kernel.Layout}).
 *
 * <p>The sizes of blocks that are a matter of caches come from {@link dev.tenon.kernel.Tiling}, and from nowhere else; a
 * kernel tells them by {@link dev.tenon.kernel.Kernel#tiling}. Sizes that decide how a sum is cut are constants or come
 * from {@link dev.tenon.kernel.MicroTile}: the terms of a block of a product, keys of attention, blocks of reductions, and
 * the windows of a transposed convolution, which are added block by block. So no bit of a result depends on a cache.
 *
 * <p>A kernel of which one part needs the results of all others has stages, each a kernel, which hand on what they made in
 * memory that they share ({@link dev.tenon.kernel.Kernel#next}).
 *
 * <p>A table is read when a program first has an operator of its family, and the JVM loads a class for each function in
 * it: one function that looks at the problem serves several lines where it can.
 *
 * <p>Loops on vectors are slow until the JVM has compiled them. A few that most networks start with have plain ones that
 * stand in for them until then ({@link dev.tenon.kernel.Rehearsal}); all others run as they are from the first call on.
 *
 * <p>What must not live here: loops over elements, which belong to {@code .scalar} and {@code .vector}; the Vector API,
 * which only {@code .vector} may import; graphs. To add a kernel: its file in the package of its tier and a line in
 * its family's table. To give an operator its first kernel: a line in {@link dev.tenon.kernel.CoreKernels} too.
 */
package dev.tenon.kernel;
