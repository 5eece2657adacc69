/**
 * Products with weights of 4 or 8 bits that have a scale for each block, in machine code.
 *
 * <p>{@link dev.tenon.kernel.x64.blocks.BlockPanelLayout} is the form of the weights, {@code BlockTileEmitter} the driver of
 * the loops over panels, tiles and blocks. {@code ByteBlocks} and {@code FloatBlocks} are its hooks: A rounded to bytes, or A
 * as it is. {@code GroupRounding} rounds rows of A.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add another arithmetic: another {@code BlockArithmetic}, and a case in {@link dev.tenon.kernel.x64.blocks.X64BlockGemm}.
 */
package dev.tenon.kernel.x64.blocks;
