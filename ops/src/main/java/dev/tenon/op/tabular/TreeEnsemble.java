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
import dev.tenon.op.tabular.model.TreeEnsembleAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.Consumer;

/**
 * Numbers by trees, in the form of the domain's version 5: the weights of the leaves that a row reaches, combined for
 * each target. The attribute {@code post_transform} is a number here. By the standard, 1 is SOFTMAX and 2 is LOGISTIC.
 *
 * @param forest the trees
 * @param aggregate how weights are combined
 * @param transform the transformation of a row of results
 */
@SuppressWarnings("exports") // of() makes the operator of attributes; its forest is internal
public record TreeEnsemble(Forest forest, Aggregate aggregate, PostTransform transform) implements Op {
    /** Input {@code X} of [N,F] or [F], output {@code Y} of [N,targets] or [1,targets]. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "TreeEnsemble")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16))
            .numerics(TreeEnsembleClassifier.NUMERICS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the others, or the
     *     trees are none
     */
    public static TreeEnsemble of(Attributes a) {
        return new TreeEnsemble(
                TreeEnsembleAttributes.read(a),
                choice(a, "aggregate_function", Aggregate.SUM.ordinal(), Aggregate.values()),
                choice(a, PostTransform.ATTRIBUTE, PostTransform.NONE.ordinal(), PostTransform.values()));
    }

    private static <T> T choice(Attributes a, String name, int standard, T[] values) {
        long code = a.integer(name, standard);
        if (code < 0 || code >= values.length) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "attribute '" + name + "' is " + code, "0 to " + (values.length - 1), null);
        }
        return values[(int) code];
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return TreeEnsembleAttributes.write(forest)
                .unless("aggregate_function", (long) aggregate.ordinal(), (long) Aggregate.SUM.ordinal())
                .unless(PostTransform.ATTRIBUTE, (long) transform.ordinal(), 0L);
    }

    /**
     * The last step of the model, for kernels.
     *
     * @param wide whether sums are double
     * @return a function of a row's scores, which start from {@link Aggregate#start}. It replaces them by the results
     */
    public Consumer<double[]> results(boolean wide) {
        return new TargetScores(forest, aggregate, List.of(), transform, wide)::finish;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim rows = ExampleRows.infer(c, forest.featureCount(), Long.MAX_VALUE);
        return List.of(new TensorType(c.dtype(0), Shape.of(rows, Dim.of(forest.targets()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        DType type = in.tensor(0).dtype();
        return List.of(
                TreeScores.results(forest, aggregate, results(TreeScores.wide(forest, type)), in.tensor(0), type));
    }
}
