/**
 * The families of pooling. A family says how an operator sets a problem, and its table says which kernel takes the problem, the best
 * one first.
 *
 * <p>To add a kernel, write it in the package of its tier and add a line to the table of its family. Loops do not belong here,
 * and neither do problems: those are in {@code dev.tenon.kernel.pool}.
 */
package dev.tenon.kernel.table.pool;
