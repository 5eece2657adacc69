package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/** Drops a QuantizeLinear that undoes a conversion of integers to floats. */
public final class QuantRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "dequantize-quantize",
                            op(
                                            QuantizeLinear.class,
                                            op(DequantizeLinear.class, any("x"), constant("scale"))
                                                    .open()
                                                    .as("inner"),
                                            constant("again"))
                                    .open(),
                            (m, to) -> m.value("x"))
                    .unless(QuantRules::reason),
            Rule.of(
                            "quantize-integers",
                            op(
                                            QuantizeLinear.class,
                                            op(
                                                    Mul.class,
                                                    either(
                                                            op(Sub.class, op(Cast.class, any("x")), constant("zero")),
                                                            op(Cast.class, any("x"))),
                                                    constant("scale")),
                                            constant("again"))
                                    .open(),
                            (m, to) -> m.value("x"))
                    .unless(QuantRules::integersReason));

    private QuantRules() {}

    /** Why integers may not come back as they were, or null. */
    private static String reason(Match m) {
        Node inner = m.node("inner");
        DequantizeLinear from = m.op("inner", DequantizeLinear.class);
        QuantizeLinear to = m.rootOp(QuantizeLinear.class);
        DType type = m.value("x").tensorType().dtype();
        if (type != m.root().output().tensorType().dtype()) {
            return "the integers are of another type";
        }
        if (!type.isInteger()) {
            return "not every " + type.text() + " comes back";
        }
        if (inner.output().tensorType().dtype() != DType.FLOAT32) {
            return "the numbers in between are not f32";
        }
        if (rounding(m) != DType.FLOAT32) {
            return "the quotients are " + rounding(m).text();
        }
        boolean perTensor = m.constant("scale").size() == 1;
        if (from.blockSize() != 0 || to.blockSize() != 0 || !perTensor && from.axis() != to.axis()) {
            return "they go along other axes";
        }
        if (!m.constant("scale").contentEquals(m.constant("again"))
                || !same(inner.input(2), m.root().input(2))) {
            return "scale or zero point differ";
        }
        Tensor scale = m.constant("scale");
        for (long i = 0; i < scale.size(); i++) {
            if (!inRange(scale.getDouble(i))) {
                return "a scale is out of range";
            }
        }
        return null;
    }

    /** Why integers that were converted by a Cast may not come back as they were, or null. */
    private static String integersReason(Match m) {
        QuantizeLinear to = m.rootOp(QuantizeLinear.class);
        Value x = m.value("x");
        DType type = x.tensorType().dtype();
        if (type != m.root().output().tensorType().dtype()) {
            return "the integers are of another type";
        }
        if (!type.isInteger() || m.constant("scale").dtype() != DType.FLOAT32) {
            return "not every " + type.text() + " comes back";
        }
        if (to.blockSize() != 0
                || m.constant("scale").size() != 1
                || m.constant("again").size() != 1) {
            return "there is not one scale for all";
        }
        Value zero = m.root().input(2);
        double added = zero == null ? 0 : zero.isConstant() ? zero.constant().getDouble(0) : Double.NaN;
        boolean shifted = m.has("zero");
        double taken = shifted && Constants.isUniform(m.constant("zero")) ? m.number("zero") : shifted ? Double.NaN : 0;
        double scale = m.number("scale");
        if (scale != m.number("again") || added != taken) {
            return "scale or zero point differ";
        }
        if (rounding(m) != DType.FLOAT32) {
            return "the quotients are " + rounding(m).text();
        }
        if (!Shapes.same(x, m.root().output())) {
            return "the shape changes";
        }
        return inRange(scale) ? null : "a scale is out of range";
    }

    /** The type of the quotients that are rounded to integers. */
    private static DType rounding(Match m) {
        DType precision = m.rootOp(QuantizeLinear.class).precision();
        return precision != null ? precision : m.constant("again").dtype();
    }

    /** Whether products and quotients of 16-bit integers and a scale are normal float32 numbers. */
    static boolean inRange(double scale) {
        return scale >= Float.MIN_NORMAL && scale <= Float.MAX_VALUE / (1 << 17);
    }

    /** Whether two zero points are the same value or equal constants, or both are left out. */
    private static boolean same(Value a, Value b) {
        if (a == null || b == null) {
            return a == b;
        }
        return a == b || a.isConstant() && b.isConstant() && a.constant().contentEquals(b.constant());
    }
}
