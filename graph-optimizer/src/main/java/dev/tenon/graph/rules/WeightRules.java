package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.scalar;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleList;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.RuleTable;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Folds what is linear for each channel into the weights of the linear operator before it, and an operator's own factors
 * into its weights.
 */
public final class WeightRules implements RuleTable {
    /** The rules. */
    public static final RuleSet SET = RuleSet.of(new WeightRules());

    private WeightRules() {}

    @Override
    public void list(RuleList rules) {
        if (rules.asks("BatchNormalization") && rules.met("Conv", "ConvTranspose", "Gemm", "MatMul"))
            rules.add(Rule.of(
                            "fold-batch-normalization",
                            op(
                                            BatchNormalization.class,
                                            linear(linear()),
                                            constant("scale"),
                                            constant("bias"),
                                            constant("mean"),
                                            constant("variance"))
                                    .where(BatchNormalization.class, b -> !b.trainingMode()),
                            (m, to) -> LinearWeights.of(m).folded(m, to, normalization(m)))
                    .unless(m -> LinearWeights.reasonAgainst(m, normalization(m)))
                    .rounding());
        if (rules.asks("Mul") && rules.met("Conv", "ConvTranspose", "Gemm", "MatMul"))
            rules.add(Rule.of(
                            "fold-scale",
                            op(Mul.class, linear(linear()), constant("c")),
                            (m, to) -> LinearWeights.of(m).folded(m, to, scale(m, v -> v)))
                    .unless(m -> Roundings.reasonAgainstScaling(m.node("linear").input(0)))
                    .unless(m -> LinearWeights.reasonAgainst(m, scale(m, v -> v)))
                    .rounding());
        if (rules.asks("Div") && rules.met("Conv", "ConvTranspose", "Gemm", "MatMul"))
            rules.add(Rule.of(
                            "fold-divisor",
                            op(Div.class, linear(linear()), constant("c")),
                            (m, to) -> LinearWeights.of(m).folded(m, to, scale(m, v -> 1 / v)))
                    .unless(m -> Roundings.reasonAgainstScaling(m.node("linear").input(0)))
                    .unless(m -> LinearWeights.reasonAgainst(m, scale(m, v -> 1 / v)))
                    .rounding());
        if (rules.asks("Add") && rules.met("Conv", "ConvTranspose", "Gemm"))
            rules.add(Rule.of(
                            "fold-shift",
                            op(Add.class, linear(biased()), constant("c")),
                            (m, to) -> LinearWeights.of(m).folded(m, to, shift(m, v -> v)))
                    .unless(m -> LinearWeights.reasonAgainst(m, shift(m, v -> v)))
                    .rounding());
        if (rules.asks("Sub") && rules.met("Conv", "ConvTranspose", "Gemm"))
            rules.add(Rule.of(
                            "fold-subtrahend",
                            op(Sub.class, linear(biased()), constant("c")),
                            (m, to) -> LinearWeights.of(m).folded(m, to, shift(m, v -> -v)))
                    .unless(m -> LinearWeights.reasonAgainst(m, shift(m, v -> -v)))
                    .rounding());
        if (rules.asks("Conv", "ConvTranspose", "Gemm", "MatMul") && rules.met("Mul"))
            rules.add(Rule.of(
                            "fold-scaled-input",
                            op(
                                            linear(),
                                            op(Mul.class, any("x"), scalar("s"))
                                                    .as("scaled")
                                                    .once(),
                                            constant("w"))
                                    .open(),
                            WeightRules::scaledInput)
                    .unless(m -> Roundings.reasonAgainstScaling(m.value("x")))
                    .unless(WeightRules::inputReason)
                    .rounding());
        if (rules.asks("Gemm"))
            rules.add(Rule.of(
                            "fold-gemm-factors",
                            op(
                                            Gemm.class,
                                            any("x"),
                                            constant("w", t -> t.dtype().isFloating()))
                                    .where(Gemm.class, g -> g.alpha() != 1 || g.beta() != 1)
                                    .open(),
                            WeightRules::withoutFactors)
                    .unless(m -> Roundings.reasonAgainstScaling(m.value("x")))
                    .unless(WeightRules::factorReason)
                    .rounding());
    }

    private static List<Class<? extends Op>> linear() {
        return List.of(Conv.class, ConvTranspose.class, Gemm.class, MatMul.class);
    }

    private static List<Class<? extends Op>> biased() {
        return List.of(Conv.class, ConvTranspose.class, Gemm.class);
    }

    private static OpPattern linear(List<Class<? extends Op>> types) {
        Pattern weights = constant("w", t -> t.dtype().isFloating());
        return op(types, any("x"), weights).open().as("linear").once();
    }

    private static LinearWeights.Affine normalization(Match m) {
        LinearWeights linear = LinearWeights.of(m);
        Tensor scale = m.constant("scale");
        float epsilon = m.rootOp(BatchNormalization.class).epsilon();
        if (linear.channels() != scale.size() || linear.axis() != 1) {
            return null;
        }
        double[] factor = new double[(int) scale.size()];
        double[] shift = new double[factor.length];
        for (int i = 0; i < factor.length; i++) {
            factor[i] = scale.getDouble(i) / Math.sqrt(m.constant("variance").getDouble(i) + epsilon);
            shift[i] = m.constant("bias").getDouble(i) - m.constant("mean").getDouble(i) * factor[i];
        }
        return new LinearWeights.Affine(factor, shift);
    }

    private static LinearWeights.Affine scale(Match m, DoubleUnaryOperator of) {
        double[] c = LinearWeights.of(m).perChannel(m.constant("c"));
        return c == null
                ? null
                : new LinearWeights.Affine(Arrays.stream(c).map(of).toArray(), new double[c.length]);
    }

    private static LinearWeights.Affine shift(Match m, DoubleUnaryOperator of) {
        double[] c = LinearWeights.of(m).perChannel(m.constant("c"));
        if (c == null) {
            return null;
        }
        double[] ones = new double[c.length];
        Arrays.fill(ones, 1);
        return new LinearWeights.Affine(ones, Arrays.stream(c).map(of).toArray());
    }

    private static String inputReason(Match m) {
        if (!m.constant("w").dtype().isFloating()) {
            return "the weights are integers";
        }
        if (m.uses(m.value("w")) > 1) {
            return "the weights are shared";
        }
        if (!Double.isFinite(m.number("s"))) {
            return "the factor is not finite";
        }
        if (!Shapes.same(m.value("x"), m.value("scaled"))) {
            return "the factor changes the shape";
        }
        double s = m.number("s");
        return LinearWeights.overflows(m.constant("w"), Math.abs(s), i -> s) ? "a weight would be out of range" : null;
    }

    private static Value scaledInput(Match m, Emitter to) {
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        operands.set(1, to.constant(scaled(m.constant("w"), m.number("s"))));
        return to.add(m.root().op(), operands, 1).getFirst();
    }

    private static Tensor scaled(Tensor w, double factor) {
        Tensor scaled = Tensor.allocate(w.dtype(), w.dims());
        for (long i = 0; i < w.size(); i++) {
            scaled.setDouble(i, w.getDouble(i) * factor);
        }
        return scaled;
    }

    private static String factorReason(Match m) {
        Gemm gemm = m.rootOp(Gemm.class);
        Value addend = m.root().input(2);
        if (!Float.isFinite(gemm.alpha()) || !Float.isFinite(gemm.beta())) {
            return "a factor is not finite";
        }
        if (addend != null && !addend.isConstant() && gemm.beta() != 1) {
            return "what is added is computed";
        }
        if (gemm.alpha() != 1 && m.uses(m.value("w")) > 1) {
            return "the weights are shared";
        }
        boolean overflows = overflows(m.constant("w"), gemm.alpha());
        overflows |= addend != null && gemm.beta() != 1 && overflows(addend.constant(), gemm.beta());
        return overflows ? "a weight would be out of range" : null;
    }

    private static boolean overflows(Tensor w, float factor) {
        return LinearWeights.overflows(w, Math.abs(factor), i -> factor);
    }

    private static Value withoutFactors(Match m, Emitter to) {
        Gemm gemm = m.rootOp(Gemm.class);
        List<Value> operands = new ArrayList<>(m.root().inputs());
        if (gemm.alpha() != 1) {
            operands.set(1, to.constant(scaled(m.constant("w"), gemm.alpha())));
        }
        Value addend = m.root().input(2);
        if (addend != null && gemm.beta() != 1) {
            operands.set(2, to.constant(scaled(addend.constant(), gemm.beta())));
        }
        return to.add(new Gemm(1, 1, gemm.transA(), gemm.transB()), operands, 1).getFirst();
    }
}
