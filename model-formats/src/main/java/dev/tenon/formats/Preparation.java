package dev.tenon.formats;

import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a session did to a model to run it: the graph beside this is optimised, and some of its constants are there in the
 * layouts that the kernels of a machine read.
 *
 * @param machine the machine, for people
 * @param numerics the name of the accuracy that the graph was optimised under
 * @param packed the packed constants
 * @param shapes the inputs that were planned for: a type with known dimensions for each input of the graph, null for
 *     those that are no tensors
 * @param unchecked constants of the graph whose bytes nobody has compared with their checksums yet
 */
public record Preparation(
        String machine,
        String numerics,
        List<PackedConstant> packed,
        List<List<TensorType>> shapes,
        List<UncheckedConstant> unchecked) {
    /**
     * An input of a node, packed.
     *
     * @param node the index of the node in the graph
     * @param input the index of its input, which is a constant
     * @param layout the name of the layout
     * @param bytes the packed elements, which may be mapped and are then only to be copied
     * @param checksum their CRC-32C
     */
    public record PackedConstant(int node, int input, String layout, MemorySegment bytes, int checksum) {}

    /**
     * A constant that is to be compared with its checksum by whoever reads all of it.
     *
     * @param constant the constant
     * @param checksum the CRC-32C of its bytes as they were written
     */
    public record UncheckedConstant(Tensor constant, int checksum) {}

    /** Copies the lists. */
    public Preparation {
        packed = List.copyOf(packed);
        shapes = List.copyOf(shapes);
        unchecked = List.copyOf(unchecked);
    }
}
