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
 * Classes by support vectors. Each pair of classes has a decision. The label is the class that wins most decisions, the
 * first of several. The scores are probabilities of the classes if the model has the parameters for them, otherwise the
 * decisions. The one decision d of two classes is shown as -d and d, or as the logistic function of these. Other
 * transformations show 1 - d and d, which only PROBIT transforms. ONNX Runtime does the same. Without support vectors
 * the model is linear: it has a row of coefficients and a score for each class.
 *
 * @param kernel the kernel function
 * @param supportVectors the support vectors, a row each, class by class; none for a linear model
 * @param vectorsPerClass how many of them each class has
 * @param coefficients a weight for each vector against each other class: [classes-1, vectors]
 * @param rho a number that is added to the decision of each pair; a linear model adds the first one to each score
 * @param probA the slope of each pair's probability, or none
 * @param probB the shift of each pair's probability, or none
 * @param labels a label for each class
 * @param transform the transformation of the scores
 */
public record SVMClassifier(
        SvmKernel kernel,
        List<Float> supportVectors,
        List<Long> vectorsPerClass,
        List<Float> coefficients,
        List<Float> rho,
        List<Float> probA,
        List<Float> probB,
        Labels labels,
        PostTransform transform)
        implements Op {
    // Products and kernel values are of order 1 and cancel.
    static final Numerics NUMERICS = new Numerics(8, 8, 1);

    /** Input {@code X} of [N,C] or [C], outputs {@code Y} of [N] or [1], the labels, and {@code Z}, the scores. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "SVMClassifier")
            .input("X", "T1")
            .output("Y", "T2")
            .optionalOutput("Z", "tensor(float)")
            .where("T1", ExampleRows.TYPES)
            .where("T2", Types.set(DType.INT64, DType.STRING))
            .where("tensor(float)", Types.FLOAT32)
            .numerics(NUMERICS);

    private static final String INTEGERS = "classlabels_ints";

    /**
     * An operator.
     *
     * @throws InvalidOperandException if the sizes of the lists do not fit
     */
    public SVMClassifier {
        supportVectors = List.copyOf(supportVectors);
        vectorsPerClass = List.copyOf(vectorsPerClass);
        coefficients = List.copyOf(coefficients);
        rho = List.copyOf(rho);
        probA = List.copyOf(probA);
        probB = List.copyOf(probB);
        long vectors = count(vectorsPerClass, supportVectors.size());
        int n = labels.size();
        if (vectors == 0) {
            require(!coefficients.isEmpty() && coefficients.size() % n == 0, coefficients.size() + " coefficients");
            require(!rho.isEmpty(), "no rho");
        } else {
            long pairs = (long) n * (n - 1) / 2;
            require(n > 1 && vectorsPerClass.size() == n, vectorsPerClass.size() + " 'vectors_per_class'");
            require(supportVectors.size() % vectors == 0, supportVectors.size() + " 'support_vectors'");
            require(coefficients.size() >= (n - 1) * vectors, coefficients.size() + " coefficients");
            require(rho.size() >= pairs, rho.size() + " rho");
            require(
                    probA.size() == probB.size() && (probA.isEmpty() || probA.size() >= pairs),
                    probA.size() + " 'prob_a' and " + probB.size() + " 'prob_b'");
        }
    }

    private static long count(List<Long> perClass, int most) {
        long sum = 0;
        for (long c : perClass) {
            require(c >= 0 && c <= most, c + " vectors of a class");
            sum += c;
        }
        require(sum <= most, sum + " support vectors");
        return sum;
    }

    private static void require(boolean fits, String found) {
        if (!fits) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), found, "as many as its classes and vectors demand", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the others
     */
    public static SVMClassifier of(Attributes a) {
        return new SVMClassifier(
                SvmKernel.of(a),
                a.reals("support_vectors", List.of()),
                a.integers("vectors_per_class", List.of()),
                a.reals("coefficients", List.of()),
                a.reals("rho", List.of()),
                a.reals("prob_a", List.of()),
                a.reals("prob_b", List.of()),
                Labels.of(SCHEMA, a, INTEGERS),
                PostTransform.of(a));
    }

    /**
     * The model.
     *
     * @return the function of a row
     */
    @SuppressWarnings("exports") // for kernels
    public RowModel model() {
        boolean linear = vectorsPerClass.stream().allMatch(c -> c == 0);
        return linear ? new LinearSvm(this) : new SupportVectors(this);
    }

    /**
     * The classifier with other labels.
     *
     * @param own a label for each class
     * @return the classifier
     */
    public SVMClassifier withLabels(Labels own) {
        return new SVMClassifier(
                kernel, supportVectors, vectorsPerClass, coefficients, rho, probA, probB, own, transform);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        Attributes a = Attributes.none()
                .with("coefficients", coefficients)
                .with("rho", rho)
                .unless("support_vectors", supportVectors, List.of())
                .unless("vectors_per_class", vectorsPerClass, List.of())
                .unless("prob_a", probA, List.of())
                .unless("prob_b", probB, List.of());
        return labels.addTo(transform.addTo(kernel.addTo(a)), INTEGERS);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        RowModel model = model();
        Dim rows = ExampleRows.infer(c, model.features(), model.features());
        return List.of(
                new TensorType(labels.dtype(), Shape.of(rows)),
                new TensorType(DType.FLOAT32, Shape.of(rows, Dim.of(model.results()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return ModelRows.of(model(), labels, in.tensor(0));
    }
}
