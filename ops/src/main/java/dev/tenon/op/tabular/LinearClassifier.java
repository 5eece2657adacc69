package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Classes by linear scores. With several scores the label is that of the first of the largest, and
 * {@link PostTransform} makes the scores to show. A single score s is that of the second of two classes. The label is
 * the second class if s is above 0. The scores to show are the logistic function of -s and s for LOGISTIC, otherwise 1
 * - s and s, which only PROBIT transforms. ONNX Runtime does the same.
 *
 * <p>Coefficients are read in rows that are as long as those of X. If the rows of X are shorter than the number of
 * coefficients allows, the last coefficients are not used, as in ONNX Runtime.
 *
 * @param coefficients the weights, a row for each score
 * @param intercepts one for each score; their number is that of the scores. Without intercepts there is a score for
 *     each class
 * @param labels a label for each class
 * @param transform the transformation of the scores
 */
public record LinearClassifier(List<Float> coefficients, List<Float> intercepts, Labels labels, PostTransform transform)
        implements Op {
    /** Input {@code X} of [N,C] or [C], outputs {@code Y} of [N] or [1], the labels, and {@code Z}, a score a class. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "LinearClassifier")
            .input("X", "T1")
            .output("Y", "T2")
            .optionalOutput("Z", "tensor(float)")
            .where("T1", ExampleRows.TYPES)
            .where("T2", Types.set(DType.INT64, DType.STRING))
            .where("tensor(float)", Types.FLOAT32)
            .numerics(LinearRegressor.NUMERICS);

    private static final String INTEGERS = "classlabels_ints";

    /**
     * An operator.
     *
     * @throws InvalidOperandException if the number of coefficients is no multiple of that of the scores, or several
     *     scores have fewer labels
     */
    public LinearClassifier {
        coefficients = List.copyOf(coefficients);
        intercepts = List.copyOf(intercepts);
        int scores = intercepts.isEmpty() ? labels.size() : intercepts.size();
        if (coefficients.isEmpty() || coefficients.size() % scores != 0 || scores > 1 && scores > labels.size()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    coefficients.size() + " coefficients, " + intercepts.size() + " intercepts and " + labels.size()
                            + " labels",
                    "as many coefficients for each score, and a label",
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
    public static LinearClassifier of(Attributes a) {
        return new LinearClassifier(
                a.reals("coefficients", List.of()),
                a.reals("intercepts", List.of()),
                Labels.of(SCHEMA, a, INTEGERS),
                PostTransform.of(a));
    }

    private int scores() {
        return intercepts.isEmpty() ? labels.size() : intercepts.size();
    }

    /**
     * The model for rows of a number of features, as kernels run it.
     *
     * @param features the number of features, no more than there are coefficients for each score
     * @return the function of a row
     */
    @SuppressWarnings("exports") // for kernels
    public RowModel model(int features) {
        return new LinearModel(coefficients, features, intercepts, scores(), labels.size(), transform);
    }

    /**
     * The labels among which the model's index chooses.
     *
     * @return the labels, or two for a single score
     */
    public Labels chosen() {
        return scores() == 1 ? labels.binary() : labels;
    }

    /**
     * The classifier with other labels.
     *
     * @param own a label for each class
     * @return the classifier
     */
    public LinearClassifier withLabels(Labels own) {
        return new LinearClassifier(coefficients, intercepts, own, transform);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return labels.addTo(
                transform.addTo(Attributes.none()
                        .with("coefficients", coefficients)
                        .unless("intercepts", intercepts, List.of())),
                INTEGERS);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int most = coefficients.size() / scores();
        Dim rows = ExampleRows.infer(c, 0, most);
        return List.of(
                new TensorType(labels.dtype(), Shape.of(rows)),
                new TensorType(DType.FLOAT32, Shape.of(rows, Dim.of(model(most).results()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        return ModelRows.of(model((int) ExampleRows.features(x)), chosen(), x);
    }
}
