/**
 * The families of reductions, prefix sums, and the positions of extremes. A table says which kernel takes a problem, the best
 * one first.
 *
 * <p>To add a kernel, write it in the package of its tier and add a line to the table of its family. Loops do not belong here,
 * and neither do problems: those are in {@code dev.tenon.kernel.reduce}.
 */
package dev.tenon.kernel.table.reduce;
