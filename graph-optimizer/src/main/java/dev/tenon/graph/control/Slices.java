package dev.tenon.graph.control;

import dev.tenon.graph.Graph;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The slices of a tensor along an axis that the iterations of a loop work on, and the shapes of slices that were not
 * computed.
 */
final class Slices {
    private Slices() {}

    /** The slice of a tensor at an index along an axis, without that axis. */
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
     * The type that an output of a body would have had for some operands, for a loop without iterations. Dimensions
     * follow from those of the inputs of the body; a dimension that does not is 0.
     *
     * @param body the body
     * @param output the index of the output
     * @param operands the dimensions of the inputs of the body, null where they are not known
     * @return a type of a known shape
     */
    static TensorType typeWithoutIterations(Graph body, int output, List<long[]> operands) {
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
