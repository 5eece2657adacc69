package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * An operator with one output. Each element of it depends on one element of each operand. Operands are broadcast to a
 * common shape by the rules of NumPy. Such operators can be chained over a tile of elements.
 */
public interface Elementwise extends Op {
    /**
     * The element type of the output.
     *
     * @param c the operands' types
     * @return the element type; that of the first operand unless an operator overrides this
     */
    default DType resultType(InferContext c) {
        return c.dtype(0);
    }

    @Override
    default List<ValueType> infer(InferContext c) {
        Shape shape = Broadcast.shape(c);
        return List.of(new TensorType(resultType(c), shape));
    }
}
