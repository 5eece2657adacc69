package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions that the pooling operators share. */
final class Pooling {
    private Pooling() {}

    static WindowAttributes checked(OpSchema schema, WindowAttributes window) {
        if (window.kernelShape().isEmpty()) {
            throw new InvalidOperandException(
                    schema.qualifiedName(),
                    "attribute 'kernel_shape' is missing",
                    "a size for each spatial axis",
                    null);
        }
        return window;
    }

    static Shape infer(InferContext c, WindowAttributes window) {
        Shape x = c.shape(0);
        if (!x.hasRank()) {
            return Shape.unknownRank();
        }
        if (x.rank() != window.kernelShape().size() + 2) {
            throw c.error(
                    "X of shape " + x, "rank " + (window.kernelShape().size() + 2) + ", as kernel_shape says", null);
        }
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), x.dim(1)));
        dims.addAll(WindowGrid.infer(
                window, c, x, window.kernelShape().stream().map(Dim::of).toList()));
        return Shape.of(dims);
    }

    static WindowGrid grid(WindowAttributes window, Tensor x, Tensor y) {
        return WindowGrid.of(
                window,
                Arrays.copyOfRange(x.dims(), 2, x.rank()),
                window.kernelShape().stream().mapToLong(Long::longValue).toArray(),
                Arrays.copyOfRange(y.dims(), 2, y.rank()));
    }
}
