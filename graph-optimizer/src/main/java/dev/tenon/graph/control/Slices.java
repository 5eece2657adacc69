package dev.tenon.graph.control;

import dev.tenon.op.Operands;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** Slices of tensors along an axis, and the way back. */
final class Slices {
    private Slices() {}

    static Tensor slice(Tensor t, int axis, long at) {
        long[] from = t.dims();
        long[] dims = new long[from.length - 1];
        long inner = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = from[i < axis ? i : i + 1];
            inner *= i < axis ? 1 : dims[i];
        }
        Tensor slice = Tensor.allocate(t.dtype(), dims);
        for (long e = 0; e < slice.size(); e++) {
            t.copyElementTo((e / inner * from[axis] + at) * inner + e % inner, slice, e);
        }
        return slice;
    }

    /** Stacks elements of one shape along a new axis. */
    static Tensor stack(Operands in, List<Tensor> elements, TensorType type, long axis, String what) {
        long[] one = elements.isEmpty() ? shapeOf(type) : elements.getFirst().dims();
        int at = in.axis(axis, one.length + 1, what);
        long[] dims = new long[one.length + 1];
        long inner = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i == at ? elements.size() : one[i < at ? i : i - 1];
            inner *= i > at ? dims[i] : 1;
        }
        Tensor all = Tensor.allocate(
                elements.isEmpty() ? type.dtype() : elements.getFirst().dtype(), dims);
        for (int k = 0; k < elements.size(); k++) {
            Tensor t = elements.get(k);
            if (!Arrays.equals(t.dims(), one)) {
                throw in.error(
                        what + " is " + elements.getFirst().type() + " first and " + t.type() + " in round " + k,
                        "one shape",
                        null);
            }
            for (long e = 0; e < t.size(); e++) {
                t.copyElementTo(e, all, (e / inner * dims[at] + k) * inner + e % inner);
            }
        }
        return all;
    }

    /** The shape of elements that are not there; dimensions that nobody knows are 0. */
    private static long[] shapeOf(TensorType type) {
        if (!type.shape().hasRank()) {
            return new long[0];
        }
        return type.shape().dims().stream().mapToLong(d -> d.orElse(0)).toArray();
    }
}
