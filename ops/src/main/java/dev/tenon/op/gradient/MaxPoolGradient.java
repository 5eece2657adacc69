package dev.tenon.op.gradient;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.fused.Composite;
import dev.tenon.op.fused.Composition;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.ScatterElements;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The gradient of the operand of {@link MaxPool}: the gradient of each window is added to the element that is its maximum, in
 * the order of the windows. Of equal elements the first is the maximum, or the first NaN if there is one. A window of padding
 * alone counts for nothing.
 *
 * @param window how the window slides
 */
public record MaxPoolGradient(WindowAttributes window) implements Composite {
    /** Inputs X [n, c, ...], and dY, the gradient of the result of MaxPool; output dX of the dimensions of X. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "MaxPoolGradient")
            .input("X", "T")
            .input("dY", "T")
            .output("dX", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(32));

    /**
     * Makes the operator.
     *
     * @param a its attributes, those of MaxPool
     * @return the operator
     * @throws InvalidOperandException if kernel_shape is missing or a value is not allowed
     */
    public static MaxPoolGradient of(Attributes a) {
        return new MaxPoolGradient(MaxPool.of(a).window());
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        InferContext pool = c.part(new MaxPool(window, 0), List.of(new InferContext.Operand(c.type(0))), 1);
        Shape y = ((TensorType) new MaxPool(window, 0).infer(pool).getFirst()).shape();
        if (!y.compatibleWith(c.shape(1))) {
            throw c.error("dY of shape " + c.shape(1), y + ", as MaxPool gives", null);
        }
        return List.of(c.type(0));
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        TensorType x = known(SCHEMA, types.getFirst());
        List<Tensor> constants = List.of(
                Tensor.of(new long[] {-1}),
                Tensor.allocate(x.dtype()),
                Tensor.of(new long[] {x.shape().knownElements()}),
                Tensor.of(x.shape().toArray()),
                Tensor.scalar(0L));
        Reshape reshape = new Reshape(true);
        // Values 0 and 1 are the inputs, 2 to 6 the constants.
        return new Composition(
                2,
                constants,
                List.of(
                        new Composition.Step(new MaxPool(window, 0), List.of(0), 2),
                        new Composition.Step(reshape, List.of(8, 2), 1),
                        new Composition.Step(reshape, List.of(1, 2), 1),
                        new Composition.Step(new Less(), List.of(9, 6), 1),
                        new Composition.Step(new Where(), List.of(11, 3, 10), 1),
                        new Composition.Step(new Expand(), List.of(3, 4), 1),
                        new Composition.Step(new ScatterElements(0, "add"), List.of(13, 9, 12), 1),
                        new Composition.Step(reshape, List.of(14, 5), 1)),
                List.of(15));
    }

    /** The type of an operand, which must have known dimensions. */
    static TensorType known(OpSchema schema, ValueType type) {
        if (type instanceof TensorType t && t.shape().hasRank() && t.shape().isKnown()) {
            return t;
        }
        throw new InvalidOperandException(
                schema.qualifiedName(), "an operand of type " + type, "known dimensions", "fix those of the inputs");
    }
}
