/**
 * The kernel family of operators that move elements, such as Transpose, Concat, Slice and Gather. Two problems describe the
 * work: copies of boxes with strides ({@link dev.tenon.kernel.copy.CopyProblem}), and gathering by index ({@link
 * dev.tenon.kernel.copy.GatherProblem}, {@link dev.tenon.kernel.copy.GatherElementsProblem}).
 *
 * <p>Must not live here: loops over elements. They belong to {@code dev.tenon.kernel.scalar.copy} and {@code
 * dev.tenon.kernel.vector.copy}; the tables that list the kernels belong to {@code dev.tenon.kernel.table}. This package must
 * not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.copy;
