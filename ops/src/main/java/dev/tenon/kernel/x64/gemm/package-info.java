/**
 * Products of matrices in x86-64 code: float32, bytes and BF16. {@link dev.tenon.kernel.x64.gemm.TileEmitter} writes the loops of
 * all of them. A {@link dev.tenon.kernel.x64.gemm.TileProduct} says how terms are multiplied, a {@link
 * dev.tenon.kernel.x64.gemm.TileEnds} how sums begin and what becomes of them. {@link dev.tenon.kernel.x64.gemm.BlockProduct}
 * chooses tiles for a number of rows and calls their functions; kernels split a product into parts and write the arguments.
 *
 * <p>The tile registers of AMX hold matrices, so {@link dev.tenon.kernel.x64.gemm.AmxEmitter} writes other loops around the same
 * ends, and {@link dev.tenon.kernel.x64.gemm.AmxBlock} calls them. Both kinds of blocks take the same arguments and panels of 16
 * columns, so a kernel is told which one to use when it is made.
 *
 * <p>Bytes are multiplied in one of several ways, all of them exact: {@link dev.tenon.kernel.x64.gemm.ByteArithmetic} names them.
 * Weights are packed for one of them as {@link dev.tenon.kernel.x64.gemm.BytePanels}.
 *
 * <p>Convolutions and other families that are products call {@code BlockProduct}; their own code belongs to their packages.
 *
 * <p>To add a data type: a {@code TileProduct} and, if its results differ, a {@code TileEnds}. Add it to the test of all
 * functions.
 */
package dev.tenon.kernel.x64.gemm;
