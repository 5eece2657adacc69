package dev.tenon.formats.decoder;

import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * A tensor of a file.
 *
 * @param name its name in the file
 * @param dims its dimensions
 * @param stored its elements as they are in the file
 */
record Weight(String name, List<Long> dims, Tensor stored) {}
