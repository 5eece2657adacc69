package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.op.geometry.Convolution;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Convolution (in fact cross-correlation, as usual in this field) over any number of spatial axes, with groups of
 * channels, strides, dilations and padding with zeros.
 *
 * <p>Its {@link #numerics} hold for kernels that add up these products. Kernels that use the minimal filtering of
 * Winograd add up other products. They keep the contract for operands of similar magnitude. Otherwise the error may be
 * as large as if all elements within four places of a result were as large as the largest of them, with twice as many
 * terms of epsilon. An infinite element or NaN may turn results within this distance into NaN. Sessions use such
 * kernels for float32 windows of 3 x 3. They do not if their numerics are strict, or if all weights are whole numbers,
 * as in quantised models.
 *
 * @param window how the kernel slides
 * @param group the number of groups of channels, at least 1
 */
public record Conv(WindowAttributes window, long group) implements Op {
    /** Inputs X [n, c, ...], W [m, c / group, ...] and optionally B [m]; output Y [n, m, ...]. */
    public static final OpSchema SCHEMA = OpSchema.of("Conv")
            .input("X", "T")
            .input("W", "T")
            .optional("B", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if a value is not allowed
     */
    public static Conv of(Attributes a) {
        return new Conv(WindowAttributes.of(SCHEMA, a), Convolution.group(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("group", group, 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape w = c.shape(1);
        if (c.has(2) && w.hasRank() && w.rank() > 0) {
            Broadcasting.checkVector(c, 2, "B", w.dim(0));
        }
        return List.of(new TensorType(c.dtype(0), Convolution.infer(c, c.shape(0), w, window, group)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        Convolution.compute(window, group, in.tensor(0), in.tensor(1), in.tensorOrNull(2), y);
        return List.of(y);
    }
}
