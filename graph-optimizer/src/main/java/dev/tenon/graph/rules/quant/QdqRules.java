package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.Concat;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes operators of bytes of an operator of floats between DequantizeLinear and QuantizeLinear: what the writer of a model
 * means. An activation between it and QuantizeLinear disappears if quantising clips to its bounds anyway. Operators that only
 * move elements work on bytes, if scales do not change. These rules are for machines that multiply bytes.
 *
 * <p>A result may differ by one step from that of floats: sums of products are exact in integers, and one factor scales them.
 */
public final class QdqRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            rule("qdq-convolution", QdqRules::convolutionReason, QdqRules::convolved),
            rule("qdq-sum", QdqRules::sumReason, QdqRules::added),
            rule("qdq-product", m -> QdqProduct.of(inner(m), m).reason(), QdqRules::multiplied),
            rule("qdq-average", QdqRules::averageReason, QdqRules::averaged),
            Rule.of("qdq-move", quantised(), QdqRules::moved).unless(QdqRules::moveReason),
            Rule.of("qdq-concatenation", quantised(), QdqRules::concatenated).unless(QdqRules::concatenationReason),
            Rule.of("qdq-function", quantised(), (m, to) -> ByteFunction.of(m).emit(to))
                    .unless(QdqRules::functionReason),
            Rule.of(
                    "function-of-function",
                    op(ByteTable.class, op(ByteTable.class, any("x"), constant("inner")), constant("outer")),
                    (m, to) -> to.add(
                            new ByteTable(),
                            m.value("x"),
                            to.constant(ByteFunction.joined(m.constant("inner"), m.constant("outer"))))));

    private static final int BIAS = 8;

    private QdqRules() {}

    private static Rule rule(String name, Rule.Guard guard, Rule.OneReplacement replacement) {
        return Rule.of(name, quantised(), replacement)
                .unless(QdqRules::outputReason)
                .unless(guard)
                .rounding();
    }

    private static Pattern quantised() {
        return op(QuantizeLinear.class, any("y"), constant("y scale", t -> t.size() == 1 && t.dtype() == DType.FLOAT32))
                .open();
    }

    private static DType outputType(Match m) {
        return m.root().output().tensorType().dtype();
    }

    /** The zero point of the output as a scalar. */
    static Tensor outputZero(Match m) {
        Value zero = m.root().input(2);
        return zero == null ? Tensor.allocate(outputType(m)) : Dequantized.flat(zero.constant());
    }

    static float outputScale(Match m) {
        return m.constant("y scale").getFloat(0);
    }

    /** Why the result is not one of bytes with one scale, or null. */
    private static String outputReason(Match m) {
        QuantizeLinear q = m.rootOp(QuantizeLinear.class);
        Value zero = m.root().input(2);
        if (outputType(m) != DType.INT8 && outputType(m) != DType.UINT8) {
            return "the integers are " + outputType(m).text();
        }
        if (q.blockSize() != 0 || zero != null && !zero.isConstant()) {
            return "the zero point is not one constant";
        }
        boolean floats = m.value("y").tensorType().dtype() == DType.FLOAT32;
        boolean plain = q.precision() == null || q.precision() == DType.FLOAT32;
        return floats && plain && QuantRules.inRange(outputScale(m)) ? null : "it does not round from f32";
    }

    /** The node whose result is quantised, perhaps after an activation that changes nothing. */
    static Node inner(Match m) {
        Value y = m.value("y");
        if (y.producer() != null && m.uses(y) == 1 && isAbsorbed(y.producer(), m)) {
            y = y.producer().input(0);
        }
        return m.uses(y) == 1 ? y.producer() : null;
    }

    /** Whether quantising clips to the bounds of an activation. */
    private static boolean isAbsorbed(Node node, Match m) {
        double least = Double.NEGATIVE_INFINITY;
        double greatest = Double.POSITIVE_INFINITY;
        if (node.op() instanceof Relu) {
            least = 0;
        } else if (node.op() instanceof Clip) {
            for (int i = 1; i < node.inputs().size(); i++) {
                Value bound = node.input(i);
                if (bound == null) {
                    continue;
                }
                if (!bound.isConstant()) {
                    return false;
                }
                if (i == 1) {
                    least = bound.constant().getDouble(0);
                } else {
                    greatest = bound.constant().getDouble(0);
                }
            }
        } else {
            return false;
        }
        double zero = outputZero(m).getLong(0);
        return Math.rint((float) least / outputScale(m)) + zero <= outputType(m).minInteger()
                && Math.rint((float) greatest / outputScale(m)) + zero
                        >= outputType(m).maxInteger();
    }

    // Convolutions.

    private static String convolutionReason(Match m) {
        Node node = inner(m);
        if (node == null || !(node.op() instanceof Conv conv)) {
            return "it is no convolution";
        }
        Dequantized x = Dequantized.of(node.input(0));
        Dequantized w = x == null ? null : Dequantized.weights(node.input(1), 0);
        if (w == null) {
            return "its operands are not dequantised";
        }
        Value bias = node.input(2);
        if (bias != null && Bias.of(bias, x, w, 0, outputScale(m)) == null) {
            return "its bias is not constant, or too large";
        }
        List<Tensor> constants = new ArrayList<>();
        constants.add(null);
        for (Tensor constant : parameters(m, x, w)) {
            constants.add(constant);
        }
        return ByteOperators.reasonAgainst(new QLinearConv(conv.window(), conv.group()), constants, m.target());
    }

    /** The constant operands of QLinearConv but the bias. */
    private static List<Tensor> parameters(Match m, Dequantized x, Dequantized w) {
        return List.of(
                x.scale(), x.zero(), w.weights(), w.scale(), w.zero(), Tensor.scalar(outputScale(m)), outputZero(m));
    }

    private static Value convolved(Match m, Emitter to) {
        Node node = inner(m);
        Conv conv = (Conv) node.op();
        Dequantized x = Dequantized.of(node.input(0));
        Dequantized w = Dequantized.weights(node.input(1), 0);
        List<Value> operands = new ArrayList<>();
        operands.add(x.bytes());
        for (Tensor constant : parameters(m, x, w)) {
            operands.add(constant == w.bytes().constant() ? w.bytes() : to.constant(constant));
        }
        if (node.input(2) != null) {
            operands.add(BIAS, to.constant(Bias.of(node.input(2), x, w, 0, outputScale(m))));
        }
        return to.add(new QLinearConv(conv.window(), conv.group()), operands, 1).getFirst();
    }

    // Sums.

    private static String sumReason(Match m) {
        Node node = inner(m);
        if (node == null || !(node.op() instanceof Add)) {
            return "it is no sum";
        }
        Dequantized a = Dequantized.of(node.input(0));
        Dequantized b = Dequantized.of(node.input(1));
        if (a == null || b == null) {
            return "its operands are not dequantised";
        }
        DType type = outputType(m);
        if (a.zero().dtype() != type || b.zero().dtype() != type) {
            return "the integers are of several types";
        }
        return ByteOperators.reasonAgainstShapes(a.bytes(), b.bytes());
    }

    private static Value added(Match m, Emitter to) {
        Dequantized a = Dequantized.of(inner(m).input(0));
        Dequantized b = Dequantized.of(inner(m).input(1));
        return to.add(
                new QLinearAdd(),
                a.bytes(),
                to.constant(a.scale()),
                to.constant(a.zero()),
                b.bytes(),
                to.constant(b.scale()),
                to.constant(b.zero()),
                to.constant(Tensor.scalar(outputScale(m))),
                to.constant(outputZero(m)));
    }

    // Products.

    private static Value multiplied(Match m, Emitter to) {
        QdqProduct p = QdqProduct.of(inner(m), m);
        Value sums = p.sums(to);
        if (p.bias() != null) {
            sums = to.add(new Add(), sums, to.constant(p.bias()));
        }
        Value floats = to.add(new Cast(DType.FLOAT32, true, "up"), sums);
        Value scaled = to.add(new Mul(), floats, to.constant(p.factors(outputScale(m))));
        QuantizeLinear op = new QuantizeLinear(1, true, 0, null, null);
        return to.add(op, scaled, to.constant(Tensor.scalar(1f)), to.constant(outputZero(m)));
    }

    // Averages.

    private static String averageReason(Match m) {
        Node node = inner(m);
        if (node == null || !(node.op() instanceof AveragePool) && !(node.op() instanceof GlobalAveragePool)) {
            return "it is no average";
        }
        Dequantized x = Dequantized.of(node.input(0));
        if (x == null || x.zero().dtype() != outputType(m)) {
            return "its operand is not dequantised from bytes of the same type";
        }
        return ByteOperators.reasonAgainstAverage(node, x.bytes());
    }

    private static Value averaged(Match m, Emitter to) {
        Node node = inner(m);
        Dequantized x = Dequantized.of(node.input(0));
        return to.add(
                ByteOperators.average(node),
                x.bytes(),
                to.constant(x.scale()),
                to.constant(x.zero()),
                to.constant(Tensor.scalar(outputScale(m))),
                to.constant(outputZero(m)));
    }

    // Moves.

    /** Whether quantising gives the bytes back from which a value is dequantised. */
    private static boolean isSame(Dequantized x, Match m) {
        return x != null
                && x.zero().dtype() == outputType(m)
                && x.zero(0) == outputZero(m).getLong(0)
                && x.scale().getFloat(0) == outputScale(m);
    }

    private static String moveReason(Match m) {
        String reason = outputReason(m);
        if (reason != null) {
            return reason;
        }
        Node node = m.value("y").producer();
        boolean moves = node != null && (ByteFunction.isMove(node) || ByteOperators.isMaxPool(node));
        return moves && isSame(Dequantized.of(node.input(0)), m) ? null : "it moves no bytes with the same scale";
    }

    private static Value moved(Match m, Emitter to) {
        Node node = m.value("y").producer();
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.set(0, Dequantized.of(node.input(0)).bytes());
        return to.add(node.op(), operands, 1).getFirst();
    }

    private static String functionReason(Match m) {
        String reason = outputReason(m);
        return reason != null || ByteFunction.of(m) != null ? reason : "it is no function of one value of bytes";
    }

    private static String concatenationReason(Match m) {
        String reason = outputReason(m);
        if (reason != null) {
            return reason;
        }
        Node node = inner(m);
        if (node == null || !(node.op() instanceof Concat)) {
            return "it is no concatenation";
        }
        boolean all = node.inputs().stream().allMatch(v -> Dequantized.of(v) != null);
        return all ? null : "its operands are not dequantised";
    }

    /** Quantises before the concatenation; a part whose scale is that of the result stays as it is. */
    private static Value concatenated(Match m, Emitter to) {
        Node node = inner(m);
        List<Value> parts = new ArrayList<>();
        for (Value v : node.inputs()) {
            Dequantized x = Dequantized.of(v);
            parts.add(
                    isSame(x, m)
                            ? x.bytes()
                            : to.add(
                                    m.root().op(),
                                    v,
                                    to.constant(Tensor.scalar(outputScale(m))),
                                    to.constant(outputZero(m))));
        }
        return to.add(node.op(), parts, 1).getFirst();
    }
}
