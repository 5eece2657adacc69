package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Replaces the elements that equal a value, where NaN equals NaN. The new value is the same for all columns, or each
 * column has its own.
 *
 * @param reals the new values of floats; empty for integers
 * @param integers the new values of integers; empty for floats
 * @param replacedReal the float that is replaced
 * @param replacedInteger the integer that is replaced
 */
public record Imputer(List<Float> reals, List<Long> integers, float replacedReal, long replacedInteger) implements Op {
    /** Input {@code X} of [...,F], output {@code Y} of the same type and shape. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.ML, "Imputer").input("X", "T").output("Y", "T").where("T", ExampleRows.TYPES);

    /** Checks that there are values of one kind. */
    public Imputer {
        reals = List.copyOf(reals);
        integers = List.copyOf(integers);
        if (reals.isEmpty() == integers.isEmpty()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    reals.size() + " imputed_value_floats, " + integers.size() + " imputed_value_int64s",
                    "one of them, not empty",
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
    public static Imputer of(Attributes a) {
        return new Imputer(
                a.reals("imputed_value_floats", List.of()),
                a.integers("imputed_value_int64s", List.of()),
                a.real("replaced_value_float", 0),
                a.integer("replaced_value_int64", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("imputed_value_floats", reals, List.of())
                .unless("imputed_value_int64s", integers, List.of())
                .unless("replaced_value_float", replacedReal, 0f)
                .unless("replaced_value_int64", replacedInteger, 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        boolean floats = c.dtype(0).isFloating();
        int count = floats ? reals.size() : integers.size();
        if (count == 0) {
            throw c.error(
                    "input 0 'X' is " + c.type(0),
                    floats ? "integers, as imputed_value_int64s" : "floats, as imputed_value_floats",
                    null);
        }
        OperandShape x = OperandShape.of(c, 0).rankFrom(1);
        Dim columns = x.hasRank() ? x.dim(x.rank() - 1) : null;
        if (count != 1 && columns != null && columns.isKnown() && columns.value() != count) {
            throw c.error("'X' has shape " + x.shape(), count + " columns, or one imputed value", null);
        }
        return List.of(c.type(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < x.size(); i++) {
            if (x.dtype().isFloating()) {
                double value = x.getDouble(i);
                boolean replaced = Float.isNaN(replacedReal) ? Double.isNaN(value) : value == replacedReal;
                y.setDouble(i, replaced ? reals.get((int) (i % reals.size())) : value);
            } else {
                long value = x.getLong(i);
                y.setLong(i, value == replacedInteger ? integers.get((int) (i % integers.size())) : value);
            }
        }
        return List.of(y);
    }
}
