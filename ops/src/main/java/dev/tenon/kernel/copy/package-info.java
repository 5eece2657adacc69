/**
 * The kernel family of operators that move elements: copies of boxes with strides, and gathering. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.copy.CopyProblem} and {@link dev.tenon.kernel.copy.GatherProblem}), for operators such as
 * Transpose, Concat, Slice, Gather.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.copy} and
 * {@code dev.tenon.kernel.vector.copy}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.copy;
