package dev.tenon.formats.onnx.proto;

import java.util.Optional;

/**
 * A value or none, in a data file. Only the component that its element type names is used.
 *
 * @param name its name
 * @param elemType the number of its element type: 0 none, 1 tensor, 2 sparse tensor, 3 sequence, 4 map, 5 optional.
 *     Untrusted
 * @param tensor a tensor
 * @param sparseTensor a sparse tensor
 * @param sequence a sequence
 * @param map a map
 * @param optional a value or none again
 */
public record OptionalProto(
        String name,
        int elemType,
        Optional<TensorProto> tensor,
        Optional<SparseTensorProto> sparseTensor,
        Optional<SequenceProto> sequence,
        Optional<MapProto> map,
        Optional<OptionalProto> optional) {}
