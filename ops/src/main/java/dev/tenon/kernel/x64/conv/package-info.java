/**
 * Convolutions of float32 images with channels last, in machine code.
 *
 * <ul>
 * <li>A dense one is a product of windows and weights, by the tiles of {@code dev.tenon.kernel.x64.gemm}: {@link
 *     dev.tenon.kernel.x64.conv.WindowRows} says where the rows of its left operand are. To find those of other windows: a
 *     subclass.
 * <li>Winograd's minimal filtering is products of the same kind between two transforms, by {@link
 *     dev.tenon.kernel.x64.conv.WinogradEmitter}.
 * <li>A depthwise one has a loop of its own, by {@link dev.tenon.kernel.x64.conv.DepthwiseEmitter}; pooling by maxima is the
 *     same loop with another operation.
 * </ul>
 *
 * <p>Layouts of weights are those of the vector tier, with panels of two vectors.
 */
package dev.tenon.kernel.x64.conv;
