package dev.tenon.graph.control;

import dev.tenon.graph.Graph;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Slices of tensors along an axis. */
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

    /**
     * The type of elements that a body would have made of some operands: dimensions by those that its inputs then have,
     * and 0 for those that nobody knows.
     *
     * @param body the body
     * @param output the index of the output
     * @param operands the dimensions of its inputs, null for those that are not known
     * @return a type of a known shape
     */
    static TensorType absent(Graph body, int output, List<long[]> operands) {
        TensorType type = (TensorType) body.outputs().get(output).type();
        if (!type.shape().hasRank()) {
            return new TensorType(type.dtype(), Shape.scalar());
        }
        Map<String, Long> sizes = new HashMap<>();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i) != null && body.inputs().get(i).type() instanceof TensorType t) {
                bind(t.shape(), operands.get(i), sizes);
            }
        }
        long[] dims = type.shape().dims().stream()
                .mapToLong(d -> d.evaluate(sizes).orElse(0))
                .toArray();
        return new TensorType(type.dtype(), Shape.of(dims));
    }

    private static void bind(Shape shape, long[] dims, Map<String, Long> sizes) {
        for (int k = 0; shape.hasRank() && shape.rank() == dims.length && k < dims.length; k++) {
            String name = shape.dim(k).toString();
            if (shape.dim(k).equals(Dim.symbol(name))) {
                sizes.putIfAbsent(name, dims[k]);
            }
        }
    }
}
