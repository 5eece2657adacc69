package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Makes products of integers of products of dequantised rows with dequantised weights whose results stay floats. One factor
 * for each column scales the sums, which are exact. These rules are for machines that multiply bytes. {@link QdqRules} come
 * first: they take products whose results are quantised again.
 */
public final class DequantizedProductRules {
    private static final List<Class<? extends Op>> PRODUCTS = List.of(MatMul.class, Gemm.class);

    /** The rule. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "dequantised-product",
                    op(PRODUCTS, op(DequantizeLinear.class, any(), any()).open().as("x"), any("w"))
                            .open(),
                    DequantizedProductRules::multiplied)
            .unless(DequantizedProductRules::reason)
            .rounding());

    private DequantizedProductRules() {}

    private static String reason(Match m) {
        if (Shapes.rank(m.value("x")) < 2) {
            return "its left operand is not known to have rows";
        }
        return QdqProduct.withoutBias(m.root()).reason();
    }

    private static Value multiplied(Match m, Emitter to) {
        QdqProduct p = QdqProduct.withoutBias(m.root());
        Value sums = p.sums(to);
        Value floats = to.add(new Cast(DType.FLOAT32, true, "up"), sums);
        Value scaled = to.add(new Mul(), floats, to.constant(p.factors(1)));
        Value bias = m.root().input(2);
        return bias == null ? scaled : to.add(new Add(), scaled, bias);
    }
}
