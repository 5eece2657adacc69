package dev.tenon.plan;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A value of a graph while a plan is made.
 *
 * @param type its type for the input shapes at hand
 * @param elements the elements of a small integer tensor as symbolic dimensions, or null if they are not known
 * @param location where the value is found
 */
record PlannedValue(ValueType type, List<Dim> elements, ValueLocation location) {
    /** The value as an operand of inference. */
    InferContext.Operand operand() {
        return new InferContext.Operand(type, location instanceof ValueLocation.Fixed f ? f.tensor() : null, elements);
    }

    /** The type of a value that is a tensor. */
    TensorType tensorType() {
        return (TensorType) type;
    }
}
