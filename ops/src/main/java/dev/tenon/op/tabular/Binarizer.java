package dev.tenon.op.tabular;

import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * 1 if an element is greater than a threshold, 0 otherwise and for NaN.
 *
 * @param threshold elements above it become 1
 */
public record Binarizer(float threshold) implements Op {
    /** Input {@code X} of any shape, output {@code Y} of the same type and shape. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "Binarizer")
            .input("X", "T")
            .output("Y", "T")
            .where("T", ExampleRows.TYPES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static Binarizer of(Attributes a) {
        return new Binarizer(a.real("threshold", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("threshold", threshold, 0f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < x.size(); i++) {
            y.setLong(i, x.getDouble(i) > threshold ? 1 : 0);
        }
        return List.of(y);
    }
}
