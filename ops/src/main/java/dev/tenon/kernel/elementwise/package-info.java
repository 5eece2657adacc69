/**
 * The kernel family of element-wise operators, such as Add, Erf, Cast and Where: the interfaces of the loops that tiers
 * implement ({@link dev.tenon.kernel.elementwise.TileLoop}), the kernel that calls a loop tile by tile ({@link
 * dev.tenon.kernel.elementwise.ElementwiseKernel}), broadcasting, and chains of several loops over a tile ({@link
 * dev.tenon.kernel.elementwise.TileChain}).
 *
 * <p>Must not live here: loops that compute an operator. They belong to {@code dev.tenon.kernel.scalar.elementwise} and
 * {@code dev.tenon.kernel.vector.elementwise}; the tables that list the kernels belong to {@code dev.tenon.kernel.table}. This
 * package must not depend on any of these three.
 *
 * <p>To add a kernel: write a loop in the package of its tier, then add it to the table of its operator.
 */
package dev.tenon.kernel.elementwise;
