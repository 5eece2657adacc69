/**
 * Vector kernels of convolutions, channels-first and channels-last: as matrix products, by Winograd's minimal filtering,
 * depthwise, transposed, in 8-bit integers, and of the squeeze-and-excitation block. They use the
 * micro-kernels and panels of {@link dev.tenon.kernel.vector.gemm}. Classes here load only after the tier was found to
 * work, because the module {@code jdk.incubator.vector} may be absent. {@link dev.tenon.kernel.vector} has the rules
 * for vector loops.
 *
 * <p>In names and comments a <i>line</i> is a row of an image, where it could be mistaken for a row of a matrix; a
 * <i>tap</i> is an element of a window; a <i>term</i> is one of the products that are summed into an element of the
 * result: a tap of one input channel.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.vector.conv;
