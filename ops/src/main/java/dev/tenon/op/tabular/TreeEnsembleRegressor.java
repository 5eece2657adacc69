package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.TreeAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.Consumer;

/**
 * Numbers by trees: the weights of the leaves that a row reaches, combined for each target, plus the base value.
 *
 * @param forest the trees
 * @param aggregate how weights are combined
 * @param base base values: none, or one for each target
 * @param transform the transformation of a row of results
 */
@SuppressWarnings("exports") // of() makes the operator of attributes; its forest is internal
public record TreeEnsembleRegressor(Forest forest, Aggregate aggregate, List<Double> base, PostTransform transform)
        implements Op {
    /** Input {@code X} of [N,F] or [F], output {@code Y} of [N,targets] or [1,targets]. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "TreeEnsembleRegressor")
            .input("X", "T")
            .output("Y", "tensor(float)")
            .where("T", ExampleRows.TYPES)
            .where("tensor(float)", Types.FLOAT32)
            .numerics(TreeEnsembleClassifier.NUMERICS);

    private static final TreeAttributes ATTRIBUTES = new TreeAttributes(SCHEMA.qualifiedName(), "target");

    /**
     * An operator.
     *
     * @throws InvalidOperandException if there is another number of base values
     */
    public TreeEnsembleRegressor {
        base = List.copyOf(base);
        if (!base.isEmpty() && base.size() != forest.targets()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    base.size() + " base values for " + forest.targets() + " targets",
                    "none or " + forest.targets(),
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the others, or the
     *     trees are none
     */
    public static TreeEnsembleRegressor of(Attributes a) {
        return new TreeEnsembleRegressor(
                ATTRIBUTES.read(a, a.int32("n_targets", 1)),
                Aggregate.of(SCHEMA.qualifiedName(), a.string("aggregate_function", Aggregate.SUM.name())),
                ATTRIBUTES.base(a),
                PostTransform.of(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return transform.addTo(ATTRIBUTES
                .write(forest, base)
                .with("n_targets", (long) forest.targets())
                .unless("aggregate_function", aggregate.name(), Aggregate.SUM.name()));
    }

    /**
     * The last step of the model, for kernels.
     *
     * @param wide whether sums are double
     * @return a function of a row's scores, which start from {@link Aggregate#start}. It replaces them by the results
     */
    public Consumer<double[]> results(boolean wide) {
        return new TargetScores(forest, aggregate, base, transform, wide)::finish;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim rows = ExampleRows.infer(c, forest.featureCount(), Long.MAX_VALUE);
        return List.of(new TensorType(DType.FLOAT32, Shape.of(rows, Dim.of(forest.targets()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return List.of(TreeScores.results(
                forest,
                aggregate,
                results(TreeScores.wide(forest, in.tensor(0).dtype())),
                in.tensor(0),
                DType.FLOAT32));
    }
}
