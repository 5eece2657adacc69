package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Products and convolutions of integers whose scale only run time knows: sums, made floats, times both scales, plus a
 * bias. Brings them into the form that one step computes, and lets one of them give queries, keys and values.
 * Convolutions become those of floats, for the reason that {@link FakeQuantRules} gives; the kernel of products of
 * integers multiplies floats by itself.
 */
public final class DynamicQuantRules {
    private static final List<String> NAMES = List.of("q", "k", "v");

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "dynamic-scales",
                            op(
                                    Mul.class,
                                    either(
                                            ofProduct().as("sums"),
                                            ofConvolution().as("sums")),
                                    op(Mul.class, any("x scale"), constant("w scale"))
                                            .once()),
                            (m, to) -> to.add(
                                    new Mul(),
                                    to.add(new Mul(), m.value("sums"), m.value("x scale")),
                                    m.value("w scale")))
                    .unless(DynamicQuantRules::scalesReason)
                    .rounding(),
            Rule.of(
                            "convolution-integers",
                            sums(op(ConvInteger.class, any("x"), constant("w", t -> t.rank() > 2))
                                    .open()
                                    .as("convolution")),
                            DynamicQuantRules::convolved)
                    .unless(DynamicQuantRules::convolvedReason),
            Rule.ofAll(
                            "qkv-integers",
                            op(Attention.class, projected("q"), projected("k"), projected("v"))
                                    .open(),
                            DynamicQuantRules::joined)
                    .unless(DynamicQuantRules::joinedReason)
                    .making(QkvAttention.class));

    private DynamicQuantRules() {}

    /** Sums of integers as float32. */
    private static OpPattern sums(OpPattern product) {
        return op(Cast.class, product.once())
                .where(Cast.class, c -> c.to() == DType.FLOAT32)
                .once();
    }

    private static OpPattern ofProduct() {
        return sums(op(MatMulInteger.class, any(), constant("w", t -> t.rank() == 2))
                .open());
    }

    /** What a convolution of integers has become. */
    private static OpPattern ofConvolution() {
        return op(Conv.class, any(), constant("w"))
                .where(n -> Roundings.reasonAgainstScaling(n.input(0)) != null)
                .once();
    }

    /** Why sums of a convolution may not be exact in float32, or null. */
    private static String convolvedReason(Match m) {
        Node node = m.node("convolution");
        Value zero = node.input(2);
        Value weightZero = node.input(3);
        if (weightZero != null && !weightZero.isConstant()) {
            return "the zero point of the weights is computed";
        }
        if (zero != null && (!Shapes.of(zero).isKnown() || Shapes.rank(zero) > 1)) {
            return "the zero point is not known to be one number";
        }
        DType type = m.value("x").tensorType().dtype();
        double width = (double) type.maxInteger() - type.minInteger();
        double most = IntegerWeights.of(m.constant("w"), 0, weightZero).most(width);
        return most < IntegerWeights.EXACT
                ? null
                : "a sum may be " + (long) most + ", which float32 does not hold exactly";
    }

    private static Value convolved(Match m, Emitter to) {
        Node node = m.node("convolution");
        ConvInteger op = m.op("convolution", ConvInteger.class);
        Value x = FakeQuantRules.floats(m.value("x"), to);
        if (node.input(2) != null) {
            x = to.add(new Sub(), x, FakeQuantRules.floats(node.input(2), to));
        }
        Tensor weights = IntegerWeights.centred(m.constant("w"), 0, node.input(3));
        return to.add(new Conv(op.window(), op.group()), x, to.constant(weights));
    }

    private static String scalesReason(Match m) {
        Value scale = m.value("x scale");
        if (!Shapes.of(scale).isKnown() || Shapes.of(scale).knownElements() != 1) {
            return "there is not one scale for all rows";
        }
        return Shapes.rank(m.value("sums"))
                        < Math.max(Shapes.rank(scale), m.constant("w scale").rank())
                ? "the scales have more dimensions than the sums"
                : null;
    }

    /** A product with constant weights and scales, and perhaps a bias. */
    private static Pattern projected(String name) {
        OpPattern product = op(
                MatMulInteger.class,
                any("x"),
                constant(name + " weights", t -> t.rank() == 2),
                any("x zero"),
                constant(name + " zero"));
        Pattern scaled = op(
                        Mul.class,
                        op(Mul.class, sums(product), any("x scale")).once(),
                        constant(name + " scale", t -> t.rank() <= 1))
                .once();
        Pattern biased = op(Add.class, scaled, constant(name + " bias", t -> t.rank() <= 1))
                .once();
        return either(biased, scaled);
    }

    private static String joinedReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        String reason = QkvRules.headsReason(a, m.root());
        if (reason != null) {
            return reason;
        }
        for (String name : NAMES) {
            Tensor w = m.constant(name + " weights");
            if (w.dtype() != m.constant("q weights").dtype()) {
                return "the weights are of different types";
            }
            for (String each : List.of(" scale", " zero", " bias")) {
                long size = m.has(name + each) ? m.constant(name + each).size() : 1;
                if (size != 1 && size != w.dim(1)) {
                    return "'" + name + each + "' is not one number for each column";
                }
            }
        }
        if (Shapes.rank(m.value("x")) != 3) {
            return "the operand is not of rank 3";
        }
        return QkvRules.widthReason(
                a,
                m.constant("q weights").dim(1),
                m.constant("k weights").dim(1),
                m.constant("v weights").dim(1));
    }

    /** One number for each column of all three, behind each other. */
    private static Value row(Match m, Emitter to, String each, DType type) {
        List<Double> numbers = new ArrayList<>();
        for (String name : NAMES) {
            long columns = m.constant(name + " weights").dim(1);
            Tensor own = m.has(name + each) ? m.constant(name + each) : Tensor.allocate(type, 1);
            for (long j = 0; j < columns; j++) {
                numbers.add(own.getDouble(own.size() == 1 ? 0 : j));
            }
        }
        Tensor all = Tensor.allocate(type, numbers.size());
        for (int j = 0; j < numbers.size(); j++) {
            all.setDouble(j, numbers.get(j));
        }
        return to.constant(all);
    }

    private static List<Value> joined(Match m, Emitter to) {
        List<Tensor> weights =
                NAMES.stream().map(name -> m.constant(name + " weights")).toList();
        DType type = weights.getFirst().dtype();
        Value product = to.add(
                new MatMulInteger(),
                m.value("x"),
                to.constant(QkvRules.columns(weights)),
                m.value("x zero"),
                row(m, to, " zero", type));
        Value floats = to.add(new Cast(DType.FLOAT32, true, "up"), product);
        Value scaled =
                to.add(new Mul(), to.add(new Mul(), floats, m.value("x scale")), row(m, to, " scale", DType.FLOAT32));
        boolean biased = NAMES.stream().anyMatch(name -> m.has(name + " bias"));
        Value result = biased ? to.add(new Add(), scaled, row(m, to, " bias", DType.FLOAT32)) : scaled;
        return QkvRules.attended(m.root(), m.rootOp(Attention.class), result, to);
    }
}
