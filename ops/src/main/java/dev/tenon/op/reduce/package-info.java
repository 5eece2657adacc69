/**
 * Reductions over axes, one record each, listed in {@link dev.tenon.op.reduce.ReduceOps}: those of the standard's family
 * Reduce*, which implement {@link dev.tenon.op.reduce.Reduction}, and ArgMax and ArgMin.
 *
 * <p>What must not live here: kernels, graphs, the older forms with axes as an attribute. To add a reduction: a record
 * that says how a group of elements is reduced, its line in {@code ReduceOps}, its cases.
 */
package dev.tenon.op.reduce;
