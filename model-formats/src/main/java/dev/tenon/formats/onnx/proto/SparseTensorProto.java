package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * A tensor given by its values that are not zero.
 *
 * @param values the values, of shape [NNZ]. Its name is the name of the sparse tensor
 * @param indices ascending int64 positions: linear ones of shape [NNZ], or coordinates of shape [NNZ, rank]
 * @param dims the dense shape
 */
public record SparseTensorProto(TensorProto values, TensorProto indices, List<Long> dims) {
    /** Copies the list. */
    public SparseTensorProto {
        dims = List.copyOf(dims);
    }
}
