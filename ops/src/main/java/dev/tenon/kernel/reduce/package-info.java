/**
 * The kernel family of reductions, of ArgMax and ArgMin, and of prefix sums. A problem describes the work in a form
 * that every tier understands: {@link dev.tenon.kernel.reduce.ReduceProblem} for ReduceSum and its relatives,
 * {@link dev.tenon.kernel.reduce.ArgMinMaxProblem} for ArgMax, ArgMin and Hardmax,
 * {@link dev.tenon.kernel.reduce.PrefixSumProblem} for CumSum.
 *
 * <p>Must not live here: loops over elements, which belong to {@code dev.tenon.kernel.scalar.reduce} and
 * {@code dev.tenon.kernel.vector.reduce}; tables of kernels, which belong to {@code dev.tenon.kernel.table}. This
 * package must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.reduce;
