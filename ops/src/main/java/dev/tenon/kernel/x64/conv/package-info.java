/**
 * Convolutions in machine code. A dense one is a product of windows and weights, by the tiles of {@code
 * dev.tenon.kernel.x64.gemm}: {@link dev.tenon.kernel.x64.conv.WindowRows} says where the rows of its left operand are. A
 * depthwise one has an emitter of its own.
 *
 * <p>To find the rows of other windows: a subclass of {@link dev.tenon.kernel.x64.conv.WindowRows}.
 */
package dev.tenon.kernel.x64.conv;
