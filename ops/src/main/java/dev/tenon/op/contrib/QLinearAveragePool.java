package dev.tenon.op.contrib;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The average of each window of each channel of quantised numbers, quantised again: {@code y =
 * saturate(round_half_even(average / y_scale + y_zero_point))}. The real numbers of a window are summed in row-major
 * order. Every operation is one of float32, so that the result is the same everywhere.
 *
 * @param window how the window slides
 * @param countIncludePad whether padding counts, as zeros; then a window is always divided by the number of all its
 *     elements
 */
public record QLinearAveragePool(WindowAttributes window, boolean countIncludePad) implements Op {
    /** Input X [n, c, ...], its scale and zero point, and those of the output; output Y of the same rank. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "QLinearAveragePool")
            .input("X", "T")
            .input("x_scale", "S")
            .optional("x_zero_point", "T")
            .input("y_scale", "S")
            .optional("y_zero_point", "T")
            .output("Y", "T")
            .where("S", Types.FLOAT32)
            .where("T", Types.set(DType.INT8, DType.UINT8));

    /**
     * Makes the operator.
     *
     * @param a its attributes, the channels being the second axis
     * @return the operator
     * @throws InvalidOperandException if kernel_shape is missing or a value is not allowed
     */
    public static QLinearAveragePool of(Attributes a) {
        WindowAttributes window = WindowAttributes.of(SCHEMA, a);
        if (window.kernelShape().isEmpty()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    "attribute 'kernel_shape' is missing",
                    "a size for each spatial axis",
                    null);
        }
        return new QLinearAveragePool(window, a.flag("count_include_pad", false));
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
        for (int i = 1; i <= 4; i++) {
            if (c.has(i)) {
                OperandShape.of(c, i).single();
            }
        }
        int rank = window.kernelShape().size() + 2;
        Shape x = OperandShape.of(c, 0).rank(rank).shape();
        if (!x.hasRank()) {
            return List.of(new TensorType(c.dtype(0), Shape.unknownRank()));
        }
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, 2));
        dims.addAll(WindowGrid.infer(
                window, c, x, window.kernelShape().stream().map(Dim::of).toList()));
        return List.of(new TensorType(c.dtype(0), Shape.of(dims)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), type.shape().toArray());
        if (y.size() == 0) {
            return List.of(y);
        }
        long[] kernel = window.kernelShape().stream().mapToLong(Long::longValue).toArray();
        WindowGrid grid = WindowGrid.of(
                window, Arrays.copyOfRange(x.dims(), 2, x.rank()), kernel, Arrays.copyOfRange(y.dims(), 2, y.rank()));
        long all = Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
        float scale = in.tensor(1).getFloat(0);
        long zero = in.has(2) ? in.tensor(2).getLong(0) : 0;
        float outScale = in.tensor(3).getFloat(0);
        float outZero = in.has(4) ? in.tensor(4).getLong(0) : 0;
        for (long i = 0; i < y.size(); i++) {
            long channel = i / grid.windows() * grid.pixels();
            Average average = new Average();
            grid.visit(i % grid.windows(), (at, tap) -> average.add(scale * (x.getLong(channel + at) - zero)));
            float mean = average.sum / (countIncludePad ? all : average.count);
            double value = Math.rint(mean / outScale + outZero);
            y.setLong(i, (long) Math.clamp(
                    value, (double) y.dtype().minInteger(), (double) y.dtype().maxInteger()));
        }
        return List.of(y);
    }

    private static final class Average {
        private float sum;
        private long count;

        void add(float value) {
            sum += value;
            count++;
        }
    }
}
