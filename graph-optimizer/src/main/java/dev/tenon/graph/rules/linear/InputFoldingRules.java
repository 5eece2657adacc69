package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.QuantizedValues;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Folds a product with, or a sum with, a constant for each channel into the weights of the linear operator after it.
 */
public final class InputFoldingRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "fold-scaled-input",
                            op(
                                            List.of(Conv.class, ConvTranspose.class, Gemm.class, MatMul.class),
                                            of(Mul.class, Div.class),
                                            constant("w"))
                                    .open(),
                            InputFoldingRules::scaled)
                    .unless(m -> Weights.reasonAgainstRounding(m.root(), m.constant("w")))
                    .unless(m -> QuantizedValues.reasonAgainstScaling(m.value("x")))
                    .unless(InputFoldingRules::inputReason)
                    .unless(InputFoldingRules::scaleReason)
                    .rounding(),
            Rule.of(
                            "fold-shifted-input",
                            op(List.of(Conv.class, Gemm.class, MatMul.class), of(Add.class, Sub.class), constant("w"))
                                    .open(),
                            InputFoldingRules::shifted)
                    .unless(m -> QuantizedValues.reasonAgainstScaling(m.value("x")))
                    .unless(InputFoldingRules::inputReason)
                    .unless(InputFoldingRules::shiftReason)
                    .rounding());

    private InputFoldingRules() {}

    private static Pattern of(Class<? extends Op> first, Class<? extends Op> second) {
        return op(List.of(first, second), any("x"), constant("c")).as("inner").once();
    }

    private static String inputReason(Match m) {
        if (!m.constant("w").dtype().isFloating()) {
            return "the weights are integers";
        }
        if (m.uses(m.value("w")) > 1) {
            return "the weights are shared";
        }
        if (!Shapes.same(m.value("x"), m.value("inner"))) {
            return "the constant changes the shape";
        }
        double[] numbers = numbers(m);
        if (numbers == null) {
            return "the constant is not one number for each channel";
        }
        return Arrays.stream(numbers).allMatch(Double::isFinite) ? null : "a number is not finite";
    }

    private static String scaleReason(Match m) {
        return new InputChannelWeights(m.root()).overflows(numbers(m)) ? "a weight would be out of range" : null;
    }

    private static String shiftReason(Match m) {
        if (m.value("x").producer() != null && isLinear(m.value("x").producer().op())) {
            return "it is the bias of the operator before";
        }
        Tensor bias = new InputChannelWeights(m.root()).shifted(numbers(m));
        if (bias == null) {
            return "the operator pads, has factors, or a bias of its own kind";
        }
        for (long i = 0; i < bias.size(); i++) {
            if (!Double.isFinite(bias.getDouble(i))) {
                return "a bias would be out of range";
            }
        }
        return null;
    }

    private static boolean isLinear(Op op) {
        return op instanceof Conv || op instanceof ConvTranspose || op instanceof Gemm || op instanceof MatMul;
    }

    /**
     * The numbers that the input is multiplied by, or that are added to it; null if they are not one for each channel.
     */
    private static double[] numbers(Match m) {
        Op op = m.node("inner").op();
        double[] c = new InputChannelWeights(m.root()).perChannel(m.value("x"), m.constant("c"));
        if (c == null) {
            return null;
        }
        return op instanceof Div
                ? Arrays.stream(c).map(v -> 1 / v).toArray()
                : op instanceof Sub ? Arrays.stream(c).map(v -> -v).toArray() : c;
    }

    private static Value scaled(Match m, Emitter to) {
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        operands.set(1, to.constant(new InputChannelWeights(m.root()).scaled(numbers(m))));
        return to.add(m.root().op(), operands, 1).getFirst();
    }

    private static Value shifted(Match m, Emitter to) {
        Value bias = to.constant(new InputChannelWeights(m.root()).shifted(numbers(m)));
        Value x = m.value("x");
        return m.root().op() instanceof MatMul
                ? to.add(new Add(), to.add(new MatMul(), x, m.value("w")), bias)
                : to.add(m.root().op(), x, m.value("w"), bias);
    }
}
