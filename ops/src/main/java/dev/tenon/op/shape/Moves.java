package dev.tenon.op.shape;

import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;

/** Plain loops over the elements of tensors, by their indices. */
final class Moves {
    /** Chooses the element of the input for an element of the output. */
    interface Source {
        /**
         * The flat index of the element in the input.
         *
         * @param index the element's index in the output, valid during the call
         * @return the flat index, or -1 to leave the element 0, false or empty
         */
        long at(long[] index);
    }

    private Moves() {}

    static Tensor allocate(ValueType type) {
        TensorType t = (TensorType) type;
        return Tensor.allocate(t.dtype(), t.shape().toArray());
    }

    /** A new tensor of a type of known shape. Each element is copied from the place that the source gives. */
    static Tensor move(ValueType type, Tensor data, Source source) {
        Tensor out = allocate(type);
        long[] dims = out.dims();
        long[] index = new long[dims.length];
        for (long j = 0; j < out.size(); j++) {
            long i = source.at(index);
            if (i >= 0) {
                data.copyElementTo(i, out, j);
            }
            RowMajor.advance(index, dims);
        }
        return out;
    }

    /** Sets every element to one element of another tensor. */
    static void fill(Tensor out, Tensor value, long i) {
        for (long j = 0; j < out.size(); j++) {
            value.copyElementTo(i, out, j);
        }
    }
}
