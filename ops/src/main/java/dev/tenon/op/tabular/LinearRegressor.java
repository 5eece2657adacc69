package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code y[n,t] = sum over f of x[n,f] * coefficients[t,f] + intercepts[t]}, then {@link PostTransform}.
 *
 * @param coefficients the weights, a row for each target; their number is a multiple of that of the targets
 * @param intercepts one for each target; any other number means none
 * @param targets the number of targets, above 0
 * @param transform the transformation of a row of results
 */
public record LinearRegressor(List<Float> coefficients, List<Float> intercepts, int targets, PostTransform transform)
        implements Op {
    static final Numerics NUMERICS = Numerics.sum(16);

    /** Input {@code X} of [N,C] or [C], output {@code Y} of [N,targets] or [1,targets]. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "LinearRegressor")
            .input("X", "T")
            .output("Y", "tensor(float)")
            .where("T", ExampleRows.TYPES)
            .where("tensor(float)", Types.FLOAT32)
            .numerics(NUMERICS);

    /**
     * An operator.
     *
     * @throws InvalidOperandException if the number of targets is below 1 or does not divide that of the coefficients
     */
    public LinearRegressor {
        coefficients = List.copyOf(coefficients);
        intercepts = List.copyOf(intercepts);
        if (targets < 1 || coefficients.isEmpty() || coefficients.size() % targets != 0) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    coefficients.size() + " coefficients for " + targets + " targets",
                    "as many for each target, at least one",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the others
     */
    public static LinearRegressor of(Attributes a) {
        return new LinearRegressor(
                a.reals("coefficients", List.of()),
                a.reals("intercepts", List.of()),
                a.int32("targets", 1),
                PostTransform.of(a));
    }

    /**
     * The model, as kernels run it.
     *
     * @return the function of a row
     */
    @SuppressWarnings("exports") // for kernels
    public RowModel model() {
        return new LinearModel(coefficients, coefficients.size() / targets, intercepts, targets, 0, transform);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return transform.addTo(Attributes.none()
                .with("coefficients", coefficients)
                .unless("intercepts", intercepts, List.of())
                .unless("targets", (long) targets, 1L));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int features = coefficients.size() / targets;
        return List.of(
                new TensorType(DType.FLOAT32, Shape.of(ExampleRows.infer(c, features, features), Dim.of(targets))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return ModelRows.of(model(), null, in.tensor(0));
    }
}
