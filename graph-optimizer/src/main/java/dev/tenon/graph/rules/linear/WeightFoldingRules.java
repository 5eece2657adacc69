package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.RuleSet.lazy;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.QuantizedValues;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Folds a product with, or a sum with, a constant for each channel into the weights of the linear operator before it,
 * and the factors of a Gemm into its own weights.
 */
public final class WeightFoldingRules {
    /** Operators with weights. */
    static final List<Class<? extends Op>> LINEAR = List.of(Conv.class, ConvTranspose.class, Gemm.class, MatMul.class);

    private static final List<Class<? extends Op>> BIASED = List.of(Conv.class, ConvTranspose.class, Gemm.class);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = lazy(
                    WeightFoldingRules::scales, Conv.class, ConvTranspose.class, Gemm.class, MatMul.class)
            .plus(lazy(WeightFoldingRules::shifts, Conv.class, ConvTranspose.class, Gemm.class))
            .plus(lazy(WeightFoldingRules::scalesOfSums, MatMul.class))
            .plus(lazy(WeightFoldingRules::sums, Add.class))
            .plus(lazy(WeightFoldingRules::factors, Gemm.class));

    private WeightFoldingRules() {}

    /** Products of a linear operator with a constant. */
    private static RuleSet scales() {
        return RuleSet.of(scaled("fold-scale", Mul.class, v -> v), scaled("fold-divisor", Div.class, v -> 1 / v));
    }

    /** Folds a constant, of whose numbers a function makes factors, into the weights before it. */
    private static Rule scaled(String name, Class<? extends Op> type, DoubleUnaryOperator of) {
        return Rule.of(
                        name,
                        op(type, linear(LINEAR), constant("c")),
                        (m, to) -> OutputChannelWeights.of(m).folded(m, to, scale(m, of)))
                .unless(m ->
                        QuantizedValues.reasonAgainstScaling(m.node("linear").input(0)))
                .unless(m -> Weights.reasonAgainstRounding(m.node("linear"), m.constant("w")))
                .unless(m -> OutputChannelWeights.reasonAgainst(m, scale(m, of)))
                .rounding();
    }

    /** Sums of a linear operator with a constant. */
    private static RuleSet shifts() {
        return RuleSet.of(shifted("fold-shift", Add.class, v -> v), shifted("fold-subtrahend", Sub.class, v -> -v));
    }

    /** Folds a constant, of whose numbers a function makes terms, into the bias before it. */
    private static Rule shifted(String name, Class<? extends Op> type, DoubleUnaryOperator of) {
        return Rule.of(
                        name,
                        op(type, linear(BIASED), constant("c")),
                        (m, to) -> OutputChannelWeights.of(m).folded(m, to, shift(m, of)))
                .unless(m -> OutputChannelWeights.reasonAgainst(m, shift(m, of)))
                .rounding();
    }

    /** Products of a sum with a constant. */
    private static RuleSet scalesOfSums() {
        return RuleSet.of(Rule.of(
                        "fold-scale-biased",
                        op(
                                List.of(Mul.class, Div.class),
                                op(Add.class, linear(List.of(MatMul.class)), constant("bias", t -> t.rank() <= 1))
                                        .once(),
                                constant("c")),
                        WeightFoldingRules::scaledSum)
                .unless(m ->
                        QuantizedValues.reasonAgainstScaling(m.node("linear").input(0)))
                .unless(m -> Weights.reasonAgainstRounding(m.node("linear"), m.constant("w")))
                .unless(m -> OutputChannelWeights.reasonAgainst(m, eitherScale(m)))
                .unless(WeightFoldingRules::sumReason)
                .rounding());
    }

    /** Sums of a sum with a constant. */
    private static RuleSet sums() {
        return RuleSet.of(Rule.of(
                        "merge-shifts",
                        op(
                                Add.class,
                                op(
                                                Add.class,
                                                any("x"),
                                                constant("first", t -> t.dtype().isFloating()))
                                        .as("inner")
                                        .once(),
                                constant("second")),
                        (m, to) -> to.add(new Add(), m.value("x"), to.constant(sum(m))))
                .unless(WeightFoldingRules::mergeReason)
                .rounding());
    }

    /** The factors of a Gemm. */
    private static RuleSet factors() {
        return RuleSet.of(Rule.of(
                        "fold-gemm-factors",
                        op(Gemm.class, any("x"), constant("w", t -> t.dtype().isFloating()))
                                .where(Gemm.class, g -> g.alpha() != 1 || g.beta() != 1)
                                .open(),
                        WeightFoldingRules::withoutFactors)
                .unless(m -> QuantizedValues.reasonAgainstScaling(m.value("x")))
                .unless(WeightFoldingRules::factorReason)
                .rounding());
    }

    /** A value that an operator with constant weights computes, and that is not used elsewhere. */
    static OpPattern linear(List<Class<? extends Op>> types) {
        Pattern weights = constant("w", t -> t.dtype().isFloating());
        return op(types, any("x"), weights).open().as("linear").once();
    }

    private static OutputChannelWeights.Affine scale(Match m, DoubleUnaryOperator of) {
        double[] c = OutputChannelWeights.of(m).perChannel(m.constant("c"));
        return c == null
                ? null
                : new OutputChannelWeights.Affine(Arrays.stream(c).map(of).toArray(), new double[c.length]);
    }

    private static OutputChannelWeights.Affine shift(Match m, DoubleUnaryOperator of) {
        double[] c = OutputChannelWeights.of(m).perChannel(m.constant("c"));
        if (c == null) {
            return null;
        }
        double[] ones = new double[c.length];
        Arrays.fill(ones, 1);
        return new OutputChannelWeights.Affine(ones, Arrays.stream(c).map(of).toArray());
    }

    private static OutputChannelWeights.Affine eitherScale(Match m) {
        return scale(m, m.root().op() instanceof Div ? v -> 1 / v : v -> v);
    }

    /** The bias after a product, multiplied as the product is. */
    private static Tensor scaledBias(Match m) {
        double[] factor = eitherScale(m).factor();
        Tensor bias = m.constant("bias");
        Tensor scaled = Tensor.allocate(bias.dtype(), factor.length);
        for (int i = 0; i < factor.length; i++) {
            scaled.setDouble(i, bias.getDouble(bias.size() == 1 ? 0 : i) * factor[i]);
        }
        return scaled;
    }

    private static String sumReason(Match m) {
        long bias = m.constant("bias").size();
        if (bias != 1 && bias != OutputChannelWeights.of(m).channels()) {
            return "the bias is not one number for each column";
        }
        return Weights.areFinite(scaledBias(m)) ? null : "a bias would be out of range";
    }

    private static Value scaledSum(Match m, Emitter to) {
        Value product = OutputChannelWeights.of(m).folded(m, to, eitherScale(m));
        return to.add(new Add(), product, to.constant(scaledBias(m)));
    }

    private static Tensor sum(Match m) {
        Add op = new Add();
        List<Datum> terms = List.of(m.constant("first"), m.constant("second"));
        return (Tensor) new Operands(op, "", terms, 1).evaluate().getFirst();
    }

    private static String mergeReason(Match m) {
        Tensor first = m.constant("first");
        Tensor second = m.constant("second");
        if (!Shapes.same(m.value("x"), m.root().output())) {
            return "a constant changes the shape";
        }
        Tensor sum = sum(m);
        if (sum.size() > Math.max(first.size(), second.size())) {
            return "the sum would be larger than both constants";
        }
        return Weights.areFinite(sum) ? null : "the sum is not finite";
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
            return "the addend is computed";
        }
        if (gemm.alpha() != 1 && m.uses(m.value("w")) > 1) {
            return "the weights are shared";
        }
        boolean overflows = overflows(m.constant("w"), gemm.alpha());
        overflows |= addend != null && gemm.beta() != 1 && overflows(addend.constant(), gemm.beta());
        return overflows ? "a weight would be out of range" : null;
    }

    private static boolean overflows(Tensor w, float factor) {
        return Weights.overflow(w, Math.abs(factor), i -> factor);
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
