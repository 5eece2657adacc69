/**
 * Products with weights of 4 or 8 bits that have a scale for each block, in machine code.
 *
 * <p>{@link dev.tenon.kernel.x64.blocks.BlockPanelLayout} is the form of the weights, {@code BlockTileEmitter} the driver of
 * the loops over panels, tiles and blocks. {@code ByteBlocks} and {@code FloatBlocks} are its hooks: A rounded to bytes, or A
 * as it is. {@code GroupRounding} rounds rows of A.
 *
 * <p>{@link dev.tenon.kernel.x64.blocks.FormatPanelLayout} is the form of weights in the blocks of a GGUF file, whose scales are in
 * their panels. {@code FormatArithmetic} makes bytes and scales of a group of any of these formats; {@code FormatBytes} and {@code
 * FormatFloats} multiply them, as the hooks of the same driver. To add a format: its layout in {@link
 * dev.tenon.op.quant.BlockFormat}; code here only if its integers have other bits.
 *
 * <p>Must not live here: the Vector API, and choices between kernels; the table in {@code dev.tenon.kernel.table} chooses.
 *
 * <p>To add another arithmetic: another {@code BlockArithmetic}, and a case in {@link dev.tenon.kernel.x64.blocks.X64BlockGemm}.
 */
package dev.tenon.kernel.x64.blocks;
