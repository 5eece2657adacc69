package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.ViewOp;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Gives the elements a shape of rank 2: the product of the dimensions before the axis, and that of the other
 * dimensions.
 *
 * @param axis in [-rank, rank]
 */
public record Flatten(int axis) implements ViewOp {
    /** Parameters: the data. */
    public static final OpSchema SCHEMA =
            OpSchema.of("Flatten").input("input", "T").output("output", "T").where("T", Types.ALL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Flatten of(Attributes a) {
        return new Flatten(a.int32("axis", 1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 1);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), c.freshShape(2));
        }
        int rank = data.rank();
        if (axis < -rank || axis > rank) {
            throw c.error("axis " + axis + " is outside for shape " + data, "[" + -rank + ", " + rank + "]", null);
        }
        int at = axis < 0 ? axis + rank : axis;
        Dim rows = Sizes.product(c, data.dims().subList(0, at));
        Dim columns = Sizes.product(c, data.dims().subList(at, rank));
        return Sizes.tensor(c.dtype(0), Shape.of(rows, columns));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().get(0);
        return List.of(in.tensor(0).reshape(type.shape().toArray()));
    }
}
