package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Where;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.SvmKernel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Linear models over rows of float32 as matrix products. Support vector machines with the linear kernel are linear models: the
 * support vectors of a decision are added up to one vector. Products are summed in float32, as ONNX Runtime does; the operators
 * themselves sum in double. So labels may differ where two scores are equal but for rounding.
 */
public final class LinearModelRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("linear-regressor", op(LinearRegressor.class, any("x")), LinearModelRules::regressor)
                    .unless(LinearModelRules::refuseRegressor)
                    .rounding(),
            Rule.ofAll("linear-classifier", op(LinearClassifier.class, any("x")), LinearModelRules::classifier)
                    .unless(LinearModelRules::refuseClassifier)
                    .rounding(),
            Rule.of("linear-svm-regressor", op(SVMRegressor.class, any("x")), LinearModelRules::svmRegressor)
                    .unless(LinearModelRules::refuseSvmRegressor)
                    .rounding(),
            Rule.ofAll("linear-svm-classifier", op(SVMClassifier.class, any("x")), LinearModelRules::svmClassifier)
                    .unless(LinearModelRules::refuseSvmClassifier)
                    .rounding());

    private static final int MOST_VOTED = 64;

    private LinearModelRules() {}

    private static String refuseRegressor(Match m) {
        LinearRegressor op = m.rootOp(LinearRegressor.class);
        String reason = refuseRows(m, op.coefficients().size() / op.targets());
        return reason != null ? reason : refuse(op.transform(), op.targets());
    }

    private static String refuseClassifier(Match m) {
        LinearClassifier op = m.rootOp(LinearClassifier.class);
        String reason = refuseRows(m, op.coefficients().size() / scores(op));
        if (reason != null) {
            return reason;
        }
        return scores(op) == 1 && op.labels().size() != 2
                ? "one score stands for other than two classes"
                : refuse(op.transform(), 2);
    }

    private static String refuseSvmRegressor(Match m) {
        SVMRegressor op = m.rootOp(SVMRegressor.class);
        if (op.vectors() > 0 && op.kernel().type() != SvmKernel.Type.LINEAR) {
            return "the kernel function is not linear";
        }
        String reason = refuseRows(m, features(op));
        return reason != null ? reason : refuse(op.transform(), 1);
    }

    private static String refuseSvmClassifier(Match m) {
        SVMClassifier op = m.rootOp(SVMClassifier.class);
        if (op.vectorsPerClass().stream().allMatch(c -> c == 0)) {
            return "it has no support vectors";
        }
        if (op.kernel().type() != SvmKernel.Type.LINEAR) {
            return "the kernel function is not linear";
        }
        if (!op.probA().isEmpty()) {
            return "it shows probabilities of pairs of classes";
        }
        PairwiseDecisions decisions = new PairwiseDecisions(op);
        if (op.labels().size() > MOST_VOTED || !decisions.pays()) {
            return "the decisions have more terms than the support vectors";
        }
        String reason = refuseRows(m, decisions.features());
        return reason != null ? reason : refuse(op.transform(), 2);
    }

    /** Why the operand is no matrix of float32 with the features that a model has, or null. */
    private static String refuseRows(Match m, int features) {
        TensorType type = (TensorType) m.value("x").type();
        Shape shape = type.shape();
        if (type.dtype() != DType.FLOAT32) {
            return "the rows are not float32: their products are added in double";
        }
        if (!shape.hasRank() || shape.rank() != 2) {
            return "the operand is not known to be a matrix";
        }
        Dim columns = shape.dim(1);
        return columns.isKnown() && columns.value() == features
                ? null
                : "the columns are not known to be those of the model";
    }

    private static String refuse(PostTransform transform, int results) {
        boolean plain = transform == PostTransform.NONE
                || transform == PostTransform.LOGISTIC
                || transform == PostTransform.SOFTMAX
                || transform == PostTransform.SOFTMAX_ZERO && results == 1;
        return plain ? null : transform + " is no ordinary operator";
    }

    private static int scores(LinearClassifier op) {
        return op.intercepts().isEmpty() ? op.labels().size() : op.intercepts().size();
    }

    private static int features(SVMRegressor op) {
        return op.vectors() == 0
                ? op.coefficients().size()
                : op.supportVectors().size() / op.vectors();
    }

    private static Value regressor(Match m, Emitter to) {
        LinearRegressor op = m.rootOp(LinearRegressor.class);
        int targets = op.targets();
        LinearForm form = new LinearForm(targets, op.coefficients().size() / targets);
        for (int t = 0; t < targets; t++) {
            form.setRow(t, op.coefficients());
            form.addends[t] =
                    op.intercepts().size() == targets ? op.intercepts().get(t) : 0;
        }
        return form.transformed(to, form.applied(to, m.value("x")), op.transform());
    }

    private static List<Value> classifier(Match m, Emitter to) {
        LinearClassifier op = m.rootOp(LinearClassifier.class);
        int scores = scores(op);
        LinearForm form = new LinearForm(scores, op.coefficients().size() / scores);
        for (int t = 0; t < scores; t++) {
            form.setRow(t, op.coefficients());
            form.addends[t] = op.intercepts().isEmpty() ? 0 : op.intercepts().get(t);
        }
        if (scores == 1) {
            LinearForm both = form.withNegated();
            Value z = both.applied(to, m.value("x"));
            Value second = to.add(new Greater(), column(to, z, 1), to.constant(Tensor.of(new float[] {0})));
            return results(m, chosen(to, second, op.chosen()), LinearForm.transformedPair(to, z, op.transform(), true));
        }
        Value z = form.applied(to, m.value("x"));
        return results(m, greatest(to, z, op.labels()), form.transformed(to, z, op.transform()));
    }

    private static Value svmRegressor(Match m, Emitter to) {
        SVMRegressor op = m.rootOp(SVMRegressor.class);
        int features = features(op);
        LinearForm form = new LinearForm(1, features);
        if (op.vectors() == 0) {
            form.setRow(0, op.coefficients());
        }
        for (int v = 0; v < op.vectors(); v++) {
            form.addRow(
                    0,
                    op.supportVectors().subList(v * features, (v + 1) * features),
                    op.coefficients().get(v));
        }
        form.addends[0] = op.rho().getFirst();
        Value z = form.applied(to, m.value("x"));
        if (!op.oneClass()) {
            return z;
        }
        Value inside = to.add(new Greater(), z, to.constant(Tensor.of(new float[] {0})));
        Value one = to.constant(Tensor.of(new float[] {1}));
        return to.add(new Where(), inside, one, to.constant(Tensor.of(new float[] {-1})));
    }

    private static List<Value> svmClassifier(Match m, Emitter to) {
        SVMClassifier op = m.rootOp(SVMClassifier.class);
        PairwiseDecisions decisions = new PairwiseDecisions(op);
        LinearForm form = decisions.form();
        if (op.labels().size() == 2) {
            LinearForm both = form.withNegated();
            Value z = both.applied(to, m.value("x"));
            Value first = to.add(new Greater(), column(to, z, 1), to.constant(Tensor.of(new float[] {0})));
            boolean complement = op.transform() != PostTransform.NONE;
            Value scores = LinearForm.transformedPair(to, z, op.transform(), complement);
            return results(m, chosen(to, first, swapped(op.labels())), scores);
        }
        Value z = form.applied(to, m.value("x"));
        Value wins = to.add(new Cast(DType.FLOAT32), to.add(new Greater(), z, to.constant(Tensor.of(new float[] {0}))));
        Value votes = decisions.votes(to, wins);
        return results(m, greatest(to, votes, op.labels()), form.transformed(to, z, op.transform()));
    }

    private static Labels swapped(Labels labels) {
        return new Labels(labels.integers().reversed(), labels.strings().reversed());
    }

    /** The label and the scores, of which the root may have only the first. */
    private static List<Value> results(Match m, Value label, Value scores) {
        return List.of(label, scores).subList(0, m.root().outputs().size());
    }

    private static Tensor tensor(Labels labels) {
        return labels.dtype() == DType.STRING
                ? Tensor.of(labels.strings().toArray(String[]::new))
                : Tensor.of(
                        labels.integers().stream().mapToLong(Long::longValue).toArray());
    }

    private static Value greatest(Emitter to, Value scores, Labels labels) {
        return to.add(new Gather(0), to.constant(tensor(labels)), to.add(new ArgMax(1, false, false), scores));
    }

    /** The second of two labels where a condition holds, the first one elsewhere. */
    private static Value chosen(Emitter to, Value second, Labels two) {
        Value index = to.add(new Cast(DType.INT32), second);
        return to.add(new Gather(0), to.constant(tensor(two)), index);
    }

    /** A column as a vector. */
    private static Value column(Emitter to, Value matrix, long column) {
        Tensor index = Tensor.of(new long[] {column}, new long[0]);
        return to.add(new Gather(1), matrix, to.constant(index));
    }
}
