package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The p-norm of each window of each channel, {@code (sum of |x|^p)^(1/p)}; padding counts as zeros.
 *
 * @param window how the window slides
 * @param p the order of the norm, at least 1
 */
public record LpPool(WindowAttributes window, long p) implements Op {
    /** Input X [n, c, ...], output Y of the same rank. */
    public static final OpSchema SCHEMA = OpSchema.of("LpPool")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if kernel_shape is missing or a value is not allowed
     */
    public static LpPool of(Attributes a) {
        WindowAttributes window = WindowAttributes.of(SCHEMA, a);
        if (window.kernelShape().isEmpty()) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'kernel_shape' is missing", "a size for each spatial axis");
        }
        return new LpPool(window, order(SCHEMA, a));
    }

    /** The attribute p. */
    static long order(OpSchema schema, Attributes a) {
        long p = a.integer("p", 2);
        if (p < 1) {
            throw ImageOperands.invalid(schema, "attribute 'p' is " + p, "1 or more");
        }
        return p;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("p", p, 2L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (!x.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), x);
        }
        ImageOperands.requireRank(c, 0, "X", window.kernelShape().size() + 2);
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, 2));
        dims.addAll(WindowGrid.infer(
                window, c, x, window.kernelShape().stream().map(Dim::of).toList()));
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(type);
        if (y.size() == 0) {
            return List.of(y);
        }
        long[] kernel = window.kernelShape().stream().mapToLong(Long::longValue).toArray();
        WindowGrid grid = WindowGrid.of(window, ImageOperands.spatial(x), kernel, ImageOperands.spatial(y));
        long windows = grid.windows();
        for (long i = 0; i < y.size(); i++) {
            Norm norm = new Norm(p);
            long channel = i / windows * grid.pixels();
            grid.visit(i % windows, (at, tap) -> norm.add(x.getDouble(channel + at)));
            y.setDouble(i, norm.value());
        }
        return List.of(y);
    }

    /** A norm that is accumulated term by term. */
    static final class Norm {
        private final long p;
        private double sum;

        Norm(long p) {
            this.p = p;
        }

        void add(double x) {
            sum += p == 1 ? Math.abs(x) : p == 2 ? x * x : Math.pow(Math.abs(x), p);
        }

        double value() {
            return p == 1 ? sum : p == 2 ? Math.sqrt(sum) : Math.pow(sum, 1.0 / p);
        }
    }
}
