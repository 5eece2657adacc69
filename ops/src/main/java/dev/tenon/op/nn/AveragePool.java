package dev.tenon.op.nn;

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
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The average of each window of each channel. The sum of a window is divided by the number of its elements inside the
 * input, or inside the input and its padding. Elements beyond the padding never count. A window without elements gives
 * NaN.
 *
 * @param window how the window slides
 * @param countIncludePad whether padding counts, as zeros
 */
public record AveragePool(WindowAttributes window, boolean countIncludePad) implements Op {
    /** Input X [n, c, ...], output Y of the same rank. */
    public static final OpSchema SCHEMA = OpSchema.of("AveragePool")
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
    public static AveragePool of(Attributes a) {
        return new AveragePool(
                Pooling.checked(SCHEMA, WindowAttributes.of(SCHEMA, a)), a.flag("count_include_pad", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("count_include_pad", countIncludePad, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(c.dtype(0), Pooling.infer(c, window)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), type.shape().toArray());
        if (y.size() == 0) {
            return List.of(y);
        }
        WindowGrid grid = Pooling.grid(window, x, y);
        long pixels = grid.pixels();
        long windows = grid.windows();
        for (long i = 0; i < y.size(); i++) {
            long channel = i / windows * pixels;
            Average average = new Average();
            grid.visit(i % windows, (at, tap) -> average.add(x.getDouble(channel + at)));
            y.setDouble(i, average.sum / (countIncludePad ? grid.paddedTaps(i % windows) : average.count));
        }
        return List.of(y);
    }

    private static final class Average {
        private double sum;
        private long count;

        void add(double value) {
            sum += value;
            count++;
        }
    }
}
