/**
 * Reductions over axes. Each is one record. The standard's family Reduce* implements
 * {@link dev.tenon.op.reduce.Reduction}; ArgMax and ArgMin stand beside it.
 *
 * <p>Kernels, graphs and the older forms that have axes as an attribute do not belong here. To add a reduction, write a
 * record that says how a group of elements is reduced, its line in {@code ReduceOperators}
 * ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.reduce;
