/**
 * Vector kernels of matrix products in float32 and in 8-bit integers, and the packed layouts that they read.
 * Convolution, attention and recurrent kernels use the same micro-kernels ({@link
 * dev.tenon.kernel.vector.gemm.GemmTile}) and panels ({@link dev.tenon.kernel.vector.gemm.VectorPanels}). Classes here
 * load only after the tier was found to work, because the module {@code jdk.incubator.vector} may be absent. {@link
 * dev.tenon.kernel.vector} has the rules for vector loops.
 *
 * <p>From the outside in: {@link dev.tenon.kernel.vector.gemm.VectorGemmKernel} runs a stack of products; {@link
 * dev.tenon.kernel.vector.gemm.VectorGemm} splits one product into blocks and packs rows of A; {@link
 * dev.tenon.kernel.vector.gemm.GemmTile} multiplies a register tile; {@code GemmRows} copies rows and stores sums.
 *
 * <p>Must not live here: choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add a kernel: a class named by how it works, and one line in the family's table.
 */
package dev.tenon.kernel.vector.gemm;
