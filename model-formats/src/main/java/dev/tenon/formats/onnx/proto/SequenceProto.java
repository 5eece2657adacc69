package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * A sequence of values, in a data file. Only the list that its element type names is used.
 *
 * @param name its name
 * @param elemType the number of its element type: 1 tensor, 2 sparse tensor, 3 sequence, 4 map, 5 optional.
 *     Untrusted
 * @param tensors elements that are tensors
 * @param sparseTensors elements that are sparse tensors
 * @param sequences elements that are sequences
 * @param maps elements that are maps
 * @param optionals elements that are optional
 */
public record SequenceProto(
        String name,
        int elemType,
        List<TensorProto> tensors,
        List<SparseTensorProto> sparseTensors,
        List<SequenceProto> sequences,
        List<MapProto> maps,
        List<OptionalProto> optionals) {
    /** Copies the lists. */
    public SequenceProto {
        tensors = List.copyOf(tensors);
        sparseTensors = List.copyOf(sparseTensors);
        sequences = List.copyOf(sequences);
        maps = List.copyOf(maps);
        optionals = List.copyOf(optionals);
    }
}
