/**
 * The kernel tables. For each family there is a class with the table of its kernels, the fastest first, the scalar one last, and
 * with the lowering of its operators: how an operator and its operands become the problem of the family. This package
 * and its rooms, one for each of some families, are the only ones that see families and tiers together. {@link dev.tenon.kernel.table.CoreKernels} joins the families; {@link
 * dev.tenon.kernel.table.Tiers} detects which tiers work on this JVM.
 *
 * <p>The tables of a family are built when a program first has an operator of it, so that a program does not load the kernels of
 * other families.
 *
 * <p>Must not live here: loops over elements, the Vector API.
 *
 * <p>A room never sees this package. A family whose class needs those of other families is here; so are single classes.
 *
 * <p>To add a kernel: one line in the table of its family. To add kernels for an operator: a lowering in the class of its family,
 * and the operator in the line of that family in {@link dev.tenon.kernel.table.CoreKernels}.
 */
package dev.tenon.kernel.table;
