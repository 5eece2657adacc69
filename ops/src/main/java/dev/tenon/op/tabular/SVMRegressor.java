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
import dev.tenon.op.tabular.model.SupportVectorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A number by support vectors: the weighted sum of the kernel function of the row and each vector, plus rho. Without
 * support vectors the model is linear.
 *
 * @param kernel the kernel function
 * @param supportVectors the support vectors, a row each
 * @param vectors the number of support vectors, 0 for a linear model
 * @param coefficients a weight for each vector; for each feature of a linear model
 * @param rho numbers of which the first is added
 * @param oneClass whether only the sign matters: the result is 1 or -1
 * @param transform the transformation of the result
 */
public record SVMRegressor(
        SvmKernel kernel,
        List<Float> supportVectors,
        int vectors,
        List<Float> coefficients,
        List<Float> rho,
        boolean oneClass,
        PostTransform transform)
        implements Op {
    /** Input {@code X} of [N,C] or [C], output {@code Y} of [N,1] or [1,1]. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "SVMRegressor")
            .input("X", "T")
            .output("Y", "tensor(float)")
            .where("T", ExampleRows.TYPES)
            .where("tensor(float)", Types.FLOAT32)
            .numerics(SVMClassifier.NUMERICS);

    /**
     * An operator.
     *
     * @throws InvalidOperandException if the sizes of the lists do not fit
     */
    public SVMRegressor {
        supportVectors = List.copyOf(supportVectors);
        coefficients = List.copyOf(coefficients);
        rho = List.copyOf(rho);
        boolean fits = vectors == 0 || vectors > 0 && !supportVectors.isEmpty() && supportVectors.size() % vectors == 0;
        if (!fits || coefficients.isEmpty() || coefficients.size() < vectors || rho.isEmpty()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    "'n_supports' " + vectors + ", " + supportVectors.size() + " 'support_vectors', "
                            + coefficients.size() + " 'coefficients', " + rho.size() + " 'rho'",
                    "as many for each vector, a coefficient for each, and one rho",
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
    public static SVMRegressor of(Attributes a) {
        return new SVMRegressor(
                SvmKernel.of(a),
                a.reals("support_vectors", List.of()),
                a.int32("n_supports", 0),
                a.reals("coefficients", List.of()),
                a.reals("rho", List.of()),
                a.flag("one_class", false),
                PostTransform.of(a));
    }

    /**
     * The model.
     *
     * @return the function of a row
     */
    @SuppressWarnings("exports") // for kernels
    public RowModel model() {
        return new Model(this);
    }

    private record Model(SVMRegressor op) implements SupportVectorModel {
        private boolean linear() {
            return op.vectors == 0;
        }

        @Override
        public int features() {
            return linear() ? op.coefficients.size() : op.supportVectors.size() / op.vectors;
        }

        @Override
        public int vectors() {
            return Math.max(1, op.vectors);
        }

        @Override
        public double component(int vector, int feature) {
            return linear() ? op.coefficients.get(feature) : op.supportVectors.get(vector * features() + feature);
        }

        @Override
        public boolean distances() {
            return !linear() && op.kernel.type() == SvmKernel.Type.RBF;
        }

        @Override
        public int results() {
            return 1;
        }

        @Override
        public int workSize() {
            return 1;
        }

        @Override
        public Function function() {
            return linear() ? Function.IDENTITY : op.kernel.function();
        }

        @Override
        public double gamma() {
            return op.kernel.gamma();
        }

        @Override
        public double offset() {
            return op.kernel.offset();
        }

        @Override
        public double degree() {
            return op.kernel.degree();
        }

        @Override
        public int sums() {
            return 1;
        }

        @Override
        public double coefficient(int vector, int sum) {
            return linear() ? 1 : op.coefficients.get(vector);
        }

        @Override
        public int finish(double[] products, double[] work, double[] results) {
            double sum = 0;
            for (int v = 0; v < products.length; v++) {
                sum += linear() ? products[v] : op.kernel.apply(products[v]) * op.coefficients.get(v);
            }
            work[0] = sum;
            return decide(work, work, results);
        }

        @Override
        public int decide(double[] sums, double[] work, double[] results) {
            double sum = sums[0] + op.rho.getFirst();
            results[0] = sum;
            op.transform.apply(results);
            if (op.oneClass) {
                results[0] = sum > 0 ? 1 : -1;
            }
            return 0;
        }
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return transform.addTo(kernel.addTo(Attributes.none()
                .with("coefficients", coefficients)
                .with("rho", rho)
                .unless("support_vectors", supportVectors, List.of())
                .unless("n_supports", (long) vectors, 0L)
                .unless("one_class", oneClass, false)));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int features = model().features();
        return List.of(new TensorType(DType.FLOAT32, Shape.of(ExampleRows.infer(c, features, features), Dim.of(1))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return ModelRows.of(model(), null, in.tensor(0));
    }
}
