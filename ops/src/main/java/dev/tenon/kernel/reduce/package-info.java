/**
 * The kernel family of reductions, ArgMax and ArgMin, and prefix sums. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.reduce.ReduceProblem}), for operators such as
 * ReduceSum, ArgMax, CumSum.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.reduce} and
 * {@code dev.tenon.kernel.vector.reduce}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.reduce;
