/**
 * Normalisation and Softmax of rows in x86-64 code. A function goes through a block of rows.
 *
 * <p>To add a kernel: a generator of its function, a class that implements {@link dev.tenon.kernel.Kernel}, one line in the
 * table of its family.
 */
package dev.tenon.kernel.x64.norm;
