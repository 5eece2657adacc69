package dev.tenon.op.shape;

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
            advance(index, dims);
        }
        return out;
    }

    /** Sets every element to one element of another tensor. */
    static void fill(Tensor out, Tensor value, long i) {
        for (long j = 0; j < out.size(); j++) {
            value.copyElementTo(i, out, j);
        }
    }

    /** The next index in row-major order; the first one follows the last. */
    static void advance(long[] index, long[] dims) {
        for (int d = index.length - 1; d >= 0; d--) {
            if (++index[d] < dims[d]) {
                return;
            }
            index[d] = 0;
        }
    }

    /** The distance, in elements, of neighbours along each dimension of a row-major tensor. */
    static long[] strides(long[] dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= dims[d];
        }
        return strides;
    }

    static long offset(long[] index, long[] strides) {
        long offset = 0;
        for (int d = 0; d < index.length; d++) {
            offset += index[d] * strides[d];
        }
        return offset;
    }

    /** The product of dimensions [from, to). */
    static long product(long[] dims, int from, int to) {
        long product = 1;
        for (int d = from; d < to; d++) {
            product *= dims[d];
        }
        return product;
    }
}
