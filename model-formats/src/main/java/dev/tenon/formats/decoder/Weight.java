package dev.tenon.formats.decoder;

import dev.tenon.op.quant.BlockFormat;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of a file.
 *
 * @param name its name in the file
 * @param dims its dimensions
 * @param stored its elements as they are in the file: floats, or the bytes of blocks
 * @param blocks the form of blocks; empty for floats
 */
record Weight(String name, List<Long> dims, Tensor stored, Optional<BlockFormat> blocks) {}
