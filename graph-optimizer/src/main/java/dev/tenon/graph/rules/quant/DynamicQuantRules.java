package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.QuantizedValues;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.shape.Slice;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Brings products and convolutions of dynamically quantised models into the form that one kernel computes: sums of
 * products of integers are made floats, multiplied with both scales, and get a bias. Where no kernel multiplies the bytes of
 * a convolution faster than floats, it becomes one of floats, for the reason that {@link FakeQuantRules} gives; its input is
 * quantised to floats in one step then. If float32 does not hold the sums, it stays. A product of integers stays, since its kernel
 * multiplies floats itself.
 */
public final class DynamicQuantRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "dynamic-scales",
                            op(
                                    Mul.class,
                                    either(
                                            ofProduct().as("sums"),
                                            ofConvolution().as("sums"),
                                            sums(op(ConvInteger.class, any(), constant("w"))
                                                            .open())
                                                    .as("sums")),
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
                            sums(op(ConvInteger.class, any("x"), constant("w"))
                                    .open()
                                    .as("convolution")),
                            DynamicQuantRules::convolved)
                    .unless(DynamicQuantRules::convolvedReason),
            Rule.of(
                            "centred-quantization",
                            op(
                                    Mul.class,
                                    op(Conv.class, centred(), constant("w"))
                                            .as("convolution")
                                            .once(),
                                    quantized(1)),
                            DynamicQuantRules::centredOnce)
                    .unless(DynamicQuantRules::centredReason)
                    .making(CentredQuantization.class));

    /** More parts would cost more than the kernel of integers. */
    private static final int MAX_PARTS = 16;

    private DynamicQuantRules() {}

    /** An output of DynamicQuantizeLinear. */
    private static OpPattern quantized(int output) {
        return op(DynamicQuantizeLinear.class, any()).output(output).as("quantized " + output);
    }

    /** Integers less their zero point, as float32, since the scale is. */
    private static OpPattern centred() {
        return op(
                        Sub.class,
                        op(Cast.class, quantized(0)).once(),
                        op(Cast.class, quantized(2)).once())
                .once();
    }

    private static String centredReason(Match m) {
        Node node = m.node("quantized 0");
        if (m.node("quantized 1") != node || m.node("quantized 2") != node) {
            return "scale and zero point are those of other integers";
        }
        for (Value v : node.outputs()) {
            if (m.uses(v) != 1) {
                return "the integers are used elsewhere";
            }
        }
        return null;
    }

    private static Value centredOnce(Match m, Emitter to) {
        List<Value> quantized =
                to.add(new CentredQuantization(), List.of(m.node("quantized 0").input(0)), 2);
        Value sums = to.add(m.node("convolution").op(), quantized.get(0), m.value("w"));
        return to.add(new Mul(), sums, quantized.get(1));
    }

    /** A sum of products of integers, as float32. */
    private static OpPattern sums(OpPattern product) {
        return op(Cast.class, product.once())
                .where(Cast.class, c -> c.to() == DType.FLOAT32)
                .once();
    }

    private static OpPattern ofProduct() {
        return sums(op(MatMulInteger.class, any(), constant("w", t -> t.rank() == 2))
                .open());
    }

    /** A convolution of floats that was one of integers. */
    private static OpPattern ofConvolution() {
        return op(Conv.class, any(), constant("w"))
                .where(n -> QuantizedValues.reasonAgainstScaling(n.input(0)) != null)
                .once();
    }

    /** Why the sums of a convolution may not be exact in float32, or null. */
    private static String convolvedReason(Match m) {
        Node node = m.node("convolution");
        boolean pays = m.target().machine().multipliesBytes();
        if (pays && ByteOperators.reasonAgainst(m.op("convolution", ConvInteger.class), node, m.target()) == null) {
            return "a kernel multiplies its bytes";
        }
        Value zero = node.input(2);
        Value weightZero = node.input(3);
        if (weightZero != null && !weightZero.isConstant()) {
            return "the zero point of the weights is computed";
        }
        if (zero != null && (!Shapes.of(zero).isKnown() || Shapes.rank(zero) > 1)) {
            return "the zero point is not known to be one number";
        }
        return parts(m) > 0
                ? null
                : "a sum may be " + (long) most(m, m.constant("w")) + ", which float32 does not hold exactly";
    }

    /** The largest absolute value of a sum with some of the weights. */
    private static double most(Match m, Tensor w) {
        return IntegerWeights.of(w, 0, m.node("convolution").input(3)).most(width(m));
    }

    /** The greatest input of a convolution minus the least. */
    private static double width(Match m) {
        DType type = m.value("x").tensorType().dtype();
        return (double) type.maxInteger() - type.minInteger();
    }

    /** The least number of parts of the input's channels whose sums float32 holds exactly; 0 if it is too large. */
    private static int parts(Match m) {
        Tensor w = m.constant("w");
        long channels = w.dim(1);
        int most = m.op("convolution", ConvInteger.class).group() == 1 ? (int) Math.min(MAX_PARTS, channels) : 1;
        // The largest of some parts is at least their mean, so that fewer parts need not be tried.
        double fewest = Math.floor(most(m, w) / IntegerWeights.EXACT) + 1;
        for (int parts = (int) Math.min(fewest, most + 1.0); parts <= most; parts++) {
            boolean exact = true;
            for (int i = 0; i < parts && exact; i++) {
                Tensor part = channels(w, channels * i / parts, channels * (i + 1) / parts);
                exact = most(m, part) < IntegerWeights.EXACT;
            }
            if (exact) {
                return parts;
            }
        }
        return 0;
    }

    /** The weights of some channels of the input. */
    private static Tensor channels(Tensor w, long from, long to) {
        if (to - from == w.dim(1)) {
            return w;
        }
        List<Tensor> operands = List.of(w, vector(from), vector(to), vector(1));
        return (Tensor) new Operands(new Slice(), "", operands, 1).evaluate().getFirst();
    }

    private static Tensor vector(long number) {
        return Tensor.of(new long[] {number});
    }

    /** The sums as float32. Those of several parts of the channels are added as integers, which wrap around like the operator's. */
    private static Value convolved(Match m, Emitter to) {
        Node node = m.node("convolution");
        ConvInteger op = m.op("convolution", ConvInteger.class);
        Value x = FakeQuantRules.floats(m.value("x"), to);
        if (node.input(2) != null) {
            x = to.add(new Sub(), x, FakeQuantRules.floats(node.input(2), to));
        }
        Tensor weights = IntegerWeights.centred(m.constant("w"), 0, node.input(3));
        Conv conv = new Conv(op.window(), op.group());
        int parts = parts(m);
        if (parts == 1) {
            return to.add(conv, x, to.constant(weights));
        }
        Value sum = null;
        for (int i = 0; i < parts; i++) {
            long from = weights.dim(1) * i / parts;
            long end = weights.dim(1) * (i + 1) / parts;
            Value some =
                    to.add(new Slice(), x, to.constant(vector(from)), to.constant(vector(end)), to.constant(vector(1)));
            Value sums = to.add(conv, some, to.constant(channels(weights, from, end)));
            Value integers = to.add(new Cast(DType.INT32, true, "up"), sums);
            sum = sum == null ? integers : to.add(new Add(), sum, integers);
        }
        return to.add(new Cast(DType.FLOAT32, true, "up"), sum);
    }

    /** Why the two scales can't be applied one after the other, or null. */
    private static String scalesReason(Match m) {
        Value scale = m.value("x scale");
        if (!Shapes.of(scale).isKnown() || Shapes.of(scale).knownElements() != 1) {
            return "there is not one scale for all rows";
        }
        Node sums = m.value("sums").producer();
        if (m.constant("w scale").size() == 1
                && sums.op() instanceof Cast
                && sums.input(0).producer().op() instanceof ConvInteger) {
            return "both scales are single numbers, whose product is computed once";
        }
        return Shapes.rank(m.value("sums"))
                        < Math.max(Shapes.rank(scale), m.constant("w scale").rank())
                ? "the scales have more dimensions than the sums"
                : null;
    }
}
