/**
 * The kernel family of Resize. {@link dev.tenon.kernel.resize.ResizeProblem} describes the work for every tier.
 *
 * <p>Must not live here: loops over elements. They belong to {@code dev.tenon.kernel.scalar.resize} and {@code
 * dev.tenon.kernel.vector.resize}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. This package
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.resize;
