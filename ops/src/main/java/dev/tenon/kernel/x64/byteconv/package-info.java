/**
 * Convolution, pooling and sums of bytes with channels last, in x86-64 code. A dense convolution is a product of rows of bytes
 * with packed weights, by {@link dev.tenon.kernel.x64.gemm}: a window is a few segments of neighbouring bytes, one for each of
 * its rows. A depthwise convolution has a generator of its own.
 *
 * <p>To add a kernel: a generator of its code if it needs one, a class that implements {@link dev.tenon.kernel.Kernel}, and a
 * line in the table of the family. Sizes are checked before code is called; see {@link dev.tenon.kernel.x64}.
 */
package dev.tenon.kernel.x64.byteconv;
