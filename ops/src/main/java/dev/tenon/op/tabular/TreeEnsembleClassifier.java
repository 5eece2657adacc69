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
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.TreeAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Classes by trees: the weights of the leaves that a row reaches are summed for each class, and {@link ClassDecision}
 * makes a label of the sums.
 *
 * @param forest the trees, whose targets are the classes
 * @param labels a label for each class
 * @param base base values: none, one for each class, or one for the only score of two classes
 * @param transform the transformation of the scores
 */
@SuppressWarnings("exports") // of() makes the operator of attributes; its forest is internal
public record TreeEnsembleClassifier(Forest forest, Labels labels, List<Double> base, PostTransform transform)
        implements Op {
    static final Numerics NUMERICS = Numerics.ulps(2);

    /** Input {@code X} of [N,F] or [F], outputs {@code Y} of [N] or [1], the labels, and {@code Z}, a score a class. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "TreeEnsembleClassifier")
            .input("X", "T1")
            .output("Y", "T2")
            .optionalOutput("Z", "tensor(float)")
            .where("T1", ExampleRows.TYPES)
            .where("T2", Types.set(DType.INT64, DType.STRING))
            .where("tensor(float)", Types.FLOAT32)
            .numerics(NUMERICS);

    private static final String INTEGERS = "classlabels_int64s";
    private static final TreeAttributes ATTRIBUTES = new TreeAttributes(SCHEMA.qualifiedName(), "class");

    /**
     * An operator.
     *
     * @throws InvalidOperandException if there is another number of base values
     */
    public TreeEnsembleClassifier {
        base = List.copyOf(base);
        int n = labels.size();
        if (!base.isEmpty() && base.size() != n && !(base.size() == 1 && n == 2)) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), base.size() + " base values for " + n + " classes", "none or " + n, null);
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
    public static TreeEnsembleClassifier of(Attributes a) {
        Labels labels = Labels.of(SCHEMA, a, INTEGERS);
        return new TreeEnsembleClassifier(
                ATTRIBUTES.read(a, labels.size()), labels, ATTRIBUTES.base(a), PostTransform.of(a));
    }

    /**
     * The classifier with other labels.
     *
     * @param own a label for each class
     * @return the classifier
     */
    public TreeEnsembleClassifier withLabels(Labels own) {
        return new TreeEnsembleClassifier(forest, own, base, transform);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return labels.addTo(transform.addTo(ATTRIBUTES.write(forest, base)), INTEGERS);
    }

    /**
     * The last step of the model, for kernels.
     *
     * @param wide whether sums are double
     * @return a function of a row's scores, which begin with {@link Aggregate#start} of a sum. It replaces them by the
     *     scores to show and gives the index of the label: among the classes, or among {@link Labels#binary} for a
     *     single class
     */
    public ToIntFunction<double[]> decision(boolean wide) {
        return new ClassDecision(forest, base, transform, wide)::decide;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim rows = ExampleRows.infer(c, forest.featureCount(), Long.MAX_VALUE);
        return List.of(
                new TensorType(labels.dtype(), Shape.of(rows)),
                new TensorType(DType.FLOAT32, Shape.of(rows, Dim.of(labels.size()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        long rows = ExampleRows.count(x);
        int n = labels.size();
        Tensor y = Tensor.allocate(labels.dtype(), rows);
        Tensor z = Tensor.allocate(DType.FLOAT32, rows, n);
        ToIntFunction<double[]> decision = decision(TreeScores.wide(forest, x.dtype()));
        Labels chosen = n == 1 ? labels.binary() : labels;
        for (long r = 0; r < rows; r++) {
            double[] scores = TreeScores.raw(forest, Aggregate.SUM, x, r);
            chosen.write(y, r, decision.applyAsInt(scores));
            for (int k = 0; k < n; k++) {
                z.setDouble(r * n + k, scores[k]);
            }
        }
        return List.of(y, z);
    }
}
