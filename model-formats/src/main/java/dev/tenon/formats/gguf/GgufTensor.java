package dev.tenon.formats.gguf;

import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor of a GGUF file.
 *
 * @param name its name
 * @param type its type
 * @param dims its dimensions, the outermost first, as in Tenon; the file has them in the opposite order
 * @param data its bytes, those of the mapped file
 */
public record GgufTensor(String name, GgufType type, List<Long> dims, MemorySegment data) {
    /** Copies the list. */
    public GgufTensor {
        dims = List.copyOf(dims);
    }

    /**
     * The bytes as a tensor, without a copy.
     *
     * @return a tensor of floats of these dimensions; or of bytes, whose last dimension is the bytes of a row of blocks
     */
    public Tensor stored() {
        long[] all = dims.stream().mapToLong(Long::longValue).toArray();
        int last = all.length - 1;
        all[last] = type.blocks().map(blocks -> blocks.rowBytes(all[last])).orElse(all[last]);
        return Tensor.of(type.stored(), data, all);
    }
}
