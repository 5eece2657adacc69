package dev.tenon.formats;

import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The changes that a session made to a model to run it. The graph of the model is optimised, and some of its constants
 * are also there in the layouts that the kernels of a machine read.
 *
 * @param machine a description of the machine, for people
 * @param numerics the name of the accuracy mode that the graph was optimised for
 * @param packed the packed constants
 * @param shapes the input shapes that were planned for: for each of them a type with known dimensions for each input of
 *     the graph, null for inputs that are no tensors
 * @param unchecked constants of the graph that have not been compared with their checksums yet
 */
public record Preparation(
        String machine,
        String numerics,
        List<PackedConstant> packed,
        List<List<TensorType>> shapes,
        List<UncheckedConstant> unchecked) {
    /**
     * A constant input of a node in the layout of a kernel.
     *
     * @param node the index of the node in the graph
     * @param input the index of its input, which is a constant
     * @param layout the name of the layout
     * @param bytes the packed elements. If they are mapped, they must be copied before a kernel reads them
     * @param checksum their CRC-32C
     */
    public record PackedConstant(int node, int input, String layout, MemorySegment bytes, int checksum) {}

    /**
     * A constant to compare with its checksum when all of it is read.
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
