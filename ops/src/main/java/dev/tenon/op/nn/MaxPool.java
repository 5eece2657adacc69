package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The maximum of each window of each channel; padding does not count. A window with a NaN gives NaN. A window without
 * elements of the input gives the least value of the type, which is negative infinity for floats, and the index -1.
 *
 * @param window how the window slides
 * @param storageOrder the order of the indices in the output Indices: 0 row-major, 1 column-major, where the first
 *     spatial axis runs fastest
 */
public record MaxPool(WindowAttributes window, int storageOrder) implements Op {
    /** Input X [n, c, ...]; output Y of the same rank, and optionally Indices: flat indices into X of the maxima. */
    public static final OpSchema SCHEMA = OpSchema.of("MaxPool")
            .input("X", "T")
            .output("Y", "T")
            .optionalOutput("Indices", "I")
            .where("T", Types.union(Types.FLOATS, Types.set(DType.INT8, DType.UINT8)))
            .where("I", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if kernel_shape is missing or a value is not allowed
     */
    public static MaxPool of(Attributes a) {
        long order = a.integer("storage_order", 0);
        if (order != 0 && order != 1) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "attribute 'storage_order' is " + order, "0, 1", null);
        }
        return new MaxPool(Pooling.checked(SCHEMA, WindowAttributes.of(SCHEMA, a)), (int) order);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("storage_order", (long) storageOrder, 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape y = Pooling.infer(c, window);
        return List.<ValueType>of(new TensorType(c.dtype(0), y), new TensorType(DType.INT64, y))
                .subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), type.shape().toArray());
        Tensor indices = in.outputs() > 1 ? Tensor.allocate(DType.INT64, y.dims()) : null;
        WindowGrid grid = y.size() == 0 ? null : Pooling.grid(window, x, y);
        for (long i = 0; i < y.size(); i++) {
            long channel = i / grid.windows() * grid.pixels();
            Maximum best = new Maximum(x, channel);
            grid.visit(i % grid.windows(), best);
            y.setDouble(i, best.value);
            if (indices != null) {
                indices.setLong(i, best.index < 0 ? -1 : channel + stored(grid, best.index));
            }
        }
        return indices == null ? List.of(y) : List.of(y, indices);
    }

    private long stored(WindowGrid grid, long index) {
        if (storageOrder == 0) {
            return index;
        }
        long at = 0;
        long rest = index;
        for (int i = grid.axes().size() - 1; i >= 0; i--) {
            long n = grid.axes().get(i).input();
            long stride = 1;
            for (int k = 0; k < i; k++) {
                stride *= grid.axes().get(k).input();
            }
            at += rest % n * stride;
            rest /= n;
        }
        return at;
    }

    private static final class Maximum implements WindowGrid.TapVisitor {
        private final Tensor x;
        private final long channel;
        private double value;
        private long index = -1;

        Maximum(Tensor x, long channel) {
            this.x = x;
            this.channel = channel;
            this.value = x.dtype().isFloating()
                    ? Double.NEGATIVE_INFINITY
                    : x.dtype().minInteger();
        }

        @Override
        public void visit(long input, long kernel) {
            double v = x.getDouble(channel + input);
            if (index < 0 || v > value || (Double.isNaN(v) && !Double.isNaN(value))) {
                value = v;
                index = input;
            }
        }
    }
}
