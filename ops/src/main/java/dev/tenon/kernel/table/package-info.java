/**
 * The entrance to the families of kernels. {@link dev.tenon.kernel.table.CoreKernels} finds the family of an operator, {@link
 * dev.tenon.kernel.table.Tiers} detects which tiers work on this JVM. The families are in the rooms of this package, one class for
 * each type of problem: how an operator sets the problem, and the table of the kernels that solve it, the fastest first, the scalar
 * one last. The rooms are the only packages that see families and tiers together.
 *
 * <p>A family is loaded when a program first has an operator of it, so that a program does not load the kernels of other families.
 *
 * <p>Must not live here: loops over elements, the Vector API, families. A room never sees this package.
 *
 * <p>To add a kernel: one line in the table of its family. To add a family: its class in a room, and its operators in a line of
 * {@link dev.tenon.kernel.table.CoreKernels}.
 */
package dev.tenon.kernel.table;
