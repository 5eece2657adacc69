package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * Rules for quantised operators on a machine that multiplies bytes. They stay as they are if a kernel takes them. A product
 * becomes one of integers, whose sums are scaled. What no kernel takes is computed in floats, as {@link FakeQuantRules} says.
 */
public final class ByteRules {
    private static final int WEIGHTS = 3;
    private static final int OUTPUT = 6;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            FakeQuantRules.convolution("qlinear-convolution-in-floats").unless(ByteRules::convolutionReason),
            FakeQuantRules.sum("qlinear-sum-in-floats")
                    .unless(m -> ByteOperators.reasonAgainstSum(m.root()) == null ? "it stays in integers" : null),
            Rule.of(
                            "qlinear-product-of-bytes",
                            op(
                                            QLinearMatMul.class,
                                            any("x"),
                                            constant("x scale", t -> t.size() == 1 && t.dtype() == DType.FLOAT32),
                                            constant("x zero", t -> t.size() == 1),
                                            constant("w", t -> t.rank() == 2))
                                    .open(),
                            ByteRules::multiplied)
                    .unless(ByteRules::productReason));

    private ByteRules() {}

    private static String convolutionReason(Match m) {
        QLinearConv op = m.rootOp(QLinearConv.class);
        return ByteOperators.reasonAgainst(op, m.root(), m.target()) == null ? "it stays in integers" : null;
    }

    private static String productReason(Match m) {
        Node node = m.root();
        for (int i = WEIGHTS + 1; i <= OUTPUT + 1; i++) {
            Value v = node.input(i);
            if (!v.isConstant()) {
                return "input " + i + " is not constant";
            }
            boolean many = i <= WEIGHTS + 2 && v.constant().rank() == 1;
            if (v.constant().size() != 1 && !many) {
                return "input " + i + " has " + v.constant().size() + " numbers";
            }
        }
        boolean integers = m.constant("w").dtype().isInteger()
                && m.value("x").tensorType().dtype().isInteger()
                && node.output().tensorType().dtype().isInteger();
        return integers ? null : "the operands are floats";
    }

    private static Value multiplied(Match m, Emitter to) {
        Node node = m.root();
        Tensor scales = node.input(WEIGHTS + 1).constant();
        Tensor factor = Tensor.allocate(DType.FLOAT32, scales.size() == 1 ? new long[0] : scales.dims());
        float x = m.constant("x scale").getFloat(0);
        float y = node.input(OUTPUT).constant().getFloat(0);
        for (long c = 0; c < factor.size(); c++) {
            factor.setDouble(c, x * scales.getFloat(c) / y);
        }
        Value sums = to.add(
                new MatMulInteger(),
                m.value("x"),
                m.value("w"),
                Shapes.reshaped(to, m.value("x zero")),
                node.input(WEIGHTS + 2));
        Value scaled = to.add(new Mul(), to.add(new Cast(DType.FLOAT32, true, "up"), sums), to.constant(factor));
        QuantizeLinear op = new QuantizeLinear(1, true, 0, null, null);
        return to.add(op, scaled, to.constant(Tensor.scalar(1f)), Shapes.reshaped(to, node.input(OUTPUT + 1)));
    }
}
