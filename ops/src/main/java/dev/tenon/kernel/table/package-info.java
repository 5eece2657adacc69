/**
 * The kernel tables: for each family the kernels, fastest first, the scalar one last, and the way from an operator to the
 * problem of the family. This is the only package that sees families and tiers together. {@link
 * dev.tenon.kernel.table.CoreKernels} joins the tables; {@link dev.tenon.kernel.table.Tiers} finds out which tiers work on
 * this JVM.
 *
 * <p>The table of a family is built when a program first has an operator of that family.
 *
 * <p>Must not live here: loops over elements, the Vector API.
 *
 * <p>To add a kernel: one line in the table of its family. To give an operator its first kernel: add the operator to the
 * line of its family in {@link dev.tenon.kernel.table.CoreKernels}.
 */
package dev.tenon.kernel.table;
