package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code y = (x - offset) * scale}. Doubles are computed in double, all other types in float32. Each of the two
 * operations is rounded once.
 *
 * @param offset one for all columns or one for each
 * @param scale as many as offsets
 */
public record Scaler(List<Float> offset, List<Float> scale) implements Op {
    /** Input {@code X} of [...,F], output {@code Y} of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "Scaler")
            .input("X", "T")
            .output("Y", "F")
            .where("T", ExampleRows.TYPES)
            .where("F", Types.FLOAT32);

    /** Checks that there are as many offsets as scales. */
    public Scaler {
        offset = List.copyOf(offset);
        scale = List.copyOf(scale);
        if (offset.isEmpty() || offset.size() != scale.size()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    offset.size() + " offsets, " + scale.size() + " scales",
                    "as many of each, at least one",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static Scaler of(Attributes a) {
        return new Scaler(a.reals("offset", List.of()), a.reals("scale", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("offset", offset).with("scale", scale);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rankFrom(1);
        if (x.hasRank() && scale.size() != 1) {
            Dim columns = x.dim(x.rank() - 1);
            if (columns.isKnown() && columns.value() != scale.size()) {
                throw c.error("'X' has shape " + x.shape(), scale.size() + " columns, or one scale", null);
            }
        }
        return List.of(new TensorType(DType.FLOAT32, x.shape()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.FLOAT32, x.dims());
        for (long i = 0; i < x.size(); i++) {
            int column = (int) (i % scale.size());
            if (x.dtype() == DType.FLOAT64) {
                y.setDouble(i, (x.getDouble(i) - offset.get(column)) * scale.get(column));
            } else {
                y.setDouble(i, (x.getFloat(i) - offset.get(column)) * scale.get(column));
            }
        }
        return List.of(y);
    }
}
