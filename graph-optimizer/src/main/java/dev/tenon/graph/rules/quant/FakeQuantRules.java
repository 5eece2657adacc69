package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * Computes quantised operators in float32. Numbers are rounded and clipped as before, but stay floats. A float32 holds
 * these integers exactly, and sums of their products below 2<sup>24</sup>. The operators that are left are element-wise
 * and fuse with the products and convolutions around them, so that a convolution between DequantizeLinear and
 * QuantizeLinear is one step.
 *
 * <p>Products of floats are chosen over products of bytes, because the Vector API of JDK 25 has no operation that
 * multiplies bytes and adds four products into an int, as the dot product instructions of processors do. Without it,
 * bytes are widened to ints first, and a vector holds no more ints than floats. A multiplication of ints takes longer
 * than one of floats, and its addition is a separate instruction, where floats have a fused multiply-add. So float32 is
 * the fastest way to an exact sum of 8-bit products here, and the model uses the kernels, layouts and fusions of any
 * other model. Winograd's minimal filtering would not be exact, so it is not used for weights that are integers.
 */
public final class FakeQuantRules {
    /** The inputs of QLinearConv and QLinearMatMul. */
    private static final int WEIGHTS = 3;

    private static final int OUTPUT = 6;

    /** The rules for operators between floats and integers. */
    public static final RuleSet OF_FLOATS = RuleSet.of(
            Rule.of(
                            "quantize-again",
                            op(
                                            DequantizeLinear.class,
                                            op(QuantizeLinear.class, any("x"), constant("scale"))
                                                    .open()
                                                    .as("quantized"),
                                            constant("again"))
                                    .open(),
                            "x")
                    .unless(FakeQuantRules::roundedReason)
                    .unless(FakeQuantRules::againReason),
            Rule.of(
                            "quantize-dequantize",
                            op(
                                            DequantizeLinear.class,
                                            op(QuantizeLinear.class, any("x"), any("scale"))
                                                    .open()
                                                    .as("quantized"),
                                            any("again"))
                                    .open(),
                            FakeQuantRules::rounded)
                    .unless(FakeQuantRules::roundedReason)
                    .rounding(),
            Rule.of(
                            "dequantize",
                            op(DequantizeLinear.class, any("x"), any("again")).open(),
                            FakeQuantRules::dequantized)
                    .unless(FakeQuantRules::dequantizedReason));

    /** The rules for operators that stay in integers if the machine multiplies bytes. */
    public static final RuleSet OF_BYTES = RuleSet.of(
            convolution("qlinear-convolution"),
            sum("qlinear-sum"),
            Rule.of(
                            "qlinear-product",
                            op(
                                            QLinearMatMul.class,
                                            any("x"),
                                            constant("x scale"),
                                            constant("x zero"),
                                            constant("w", t -> t.rank() == 2))
                                    .open(),
                            FakeQuantRules::multiplied)
                    .unless(m -> linearReason(m, 1)));

    /** All rules, in the order in which they are tried. */
    static final RuleSet SET = OF_FLOATS.plus(OF_BYTES);

    private FakeQuantRules() {}

    /** A sum of bytes is computed in floats. */
    static Rule sum(String name) {
        return Rule.of(name, op(QLinearAdd.class, any()).open(), FakeQuantRules::added)
                .unless(m -> {
                    Tensor unit = m.root().input(6).constant();
                    return unit == null || QuantRules.inRange(unit.getDouble(0)) ? null : "a scale is out of range";
                });
    }

    /** A convolution of bytes is computed in floats. */
    static Rule convolution(String name) {
        return Rule.of(
                        name,
                        op(QLinearConv.class, any("x"), constant("x scale"), constant("x zero"), constant("w"))
                                .open(),
                        FakeQuantRules::convolved)
                .unless(m -> linearReason(m, 0));
    }

    /**
     * Sums of quantised numbers. Both operands are scaled to units of the result. The zero points are one term, which is
     * added before rounding: a sum halfway between two integers is rounded to the one that is even including the zero point.
     */
    private static Value added(Match m, Emitter to) {
        Node node = m.root();
        Value unit = scalar(node.input(6), to);
        Value[] parts = new Value[2];
        Value fixed = null;
        for (int i = 0; i < 2; i++) {
            Value ratio = to.add(new Div(), scalar(node.input(3 * i + 1), to), unit);
            parts[i] = to.add(new Mul(), whole(node.input(3 * i), node.input(3 * i + 2), to), ratio);
            if (node.input(3 * i + 2) != null) {
                Value zero = to.add(new Mul(), ratio, floats(scalar(node.input(3 * i + 2), to), to));
                fixed = fixed == null ? zero : to.add(new Add(), fixed, zero);
            }
        }
        if (node.input(7) != null) {
            Value zero = floats(scalar(node.input(7), to), to);
            fixed = fixed == null ? zero : to.add(new Sub(), zero, fixed);
        } else if (fixed != null) {
            fixed = to.add(new Neg(), fixed);
        }
        Value second = fixed == null ? parts[1] : to.add(new Add(), parts[1], fixed);
        DType type = type(node.output());
        QuantizeLinear op = new QuantizeLinear(1, true, 0, type, null);
        return to.add(op, to.add(new Add(), parts[0], second), to.constant(number(1)));
    }

    /**
     * Bytes as float32. The zero point is taken off and added again, so that a convolution that reads the same bytes shares
     * the numbers without it.
     */
    private static Value whole(Value bytes, Value zero, Emitter to) {
        if (zero == null || !zero.isConstant() || zero.constant().getLong(0) == 0) {
            return to.add(new DequantizeLinear(1, 0, null), bytes, to.constant(number(1)));
        }
        Value centred = to.add(new DequantizeLinear(1, 0, null), bytes, to.constant(number(1)), scalar(zero, to));
        return to.add(new Add(), centred, to.constant(number(zero.constant().getDouble(0))));
    }

    private static Tensor number(double value) {
        return Constants.filled(DType.FLOAT32, value);
    }

    private static DType type(Value v) {
        return v.tensorType().dtype();
    }

    private static boolean isScalar(Value v) {
        Shape shape = v.tensorType().shape();
        return shape.isKnown() && shape.knownElements() == 1 && (shape.rank() == 0 || v.isConstant());
    }

    private static double zero(Node node) {
        Value v = node.input(2);
        return v == null ? 0 : v.constant().getDouble(0);
    }

    /** Why there is not one float32 scale and one zero point for all elements, or null. */
    private static String granularityReason(Node node, long block) {
        Value zero = node.input(2);
        if (block != 0 || !isScalar(node.input(1)) || zero != null && !isScalar(zero)) {
            return "there is not one scale for all";
        }
        return type(node.input(1)) == DType.FLOAT32
                ? null
                : "the scale is " + type(node.input(1)).text();
    }

    private static String roundedReason(Match m) {
        Node quantized = m.node("quantized");
        QuantizeLinear q = m.op("quantized", QuantizeLinear.class);
        DType integers = type(quantized.output());
        if (!integers.isInteger()) {
            return "float32 may not hold " + integers.text() + " less a zero point";
        }
        if (type(m.value("x")) != DType.FLOAT32 || q.precision() != null && q.precision() != DType.FLOAT32) {
            return "it does not round from f32";
        }
        String reason = granularityReason(quantized, q.blockSize());
        reason = reason != null
                ? reason
                : granularityReason(m.root(), m.rootOp(DequantizeLinear.class).blockSize());
        if (reason != null) {
            return reason;
        }
        for (Node node : new Node[] {quantized, m.root()}) {
            if (node.input(2) != null && !node.input(2).isConstant()) {
                return "a zero point is not constant";
            }
        }
        return type(m.root().output()) == DType.FLOAT32 ? null : "the result is not f32";
    }

    /** Why quantising may change a number that is quantised already, or null. */
    private static String againReason(Match m) {
        Node quantized = m.node("quantized");
        DType integers = type(quantized.output());
        QuantizationGrid x = QuantizationGrid.of(m.value("x"));
        if (x == null) {
            return "the value is not known to be multiples of a scale";
        }
        if (zero(quantized) != zero(m.root())) {
            return "the zero points differ";
        }
        if (m.number("scale") != x.scale() || m.number("again") != x.scale()) {
            return "the scales differ";
        }
        double zero = zero(quantized);
        if (x.least() < integers.minInteger() - zero || x.greatest() > integers.maxInteger() - zero) {
            return "it clips the value";
        }
        return QuantRules.inRange(x.scale()) ? null : "a scale is out of range";
    }

    private static Value scalar(Value v, Emitter to) {
        return v.isConstant() ? Shapes.reshaped(to, v) : v;
    }

    /**
     * Rounds and clips. The zero points may differ. NaN becomes the least integer, as it does when it is quantised. No zero is
     * negative, as no integer is; a negative zero would change the sign of infinities.
     */
    private static Value rounded(Match m, Emitter to) {
        Node quantized = m.node("quantized");
        DType integers = type(quantized.output());
        double least = integers.minInteger() - zero(quantized);
        double width = (double) integers.maxInteger() - integers.minInteger();
        double taken = zero(m.root()) - integers.minInteger();
        Value quotient = to.add(new Div(), m.value("x"), scalar(m.value("scale"), to));
        Value whole = to.add(new Round(), quotient);
        Value above = least == 0 ? whole : to.add(new Sub(), whole, to.constant(number(least)));
        Value positive = to.add(new ThresholdedRelu(0), above);
        Value clipped = to.add(new Min(), positive, to.constant(number(width)));
        Value back = taken == 0 ? clipped : to.add(new Sub(), clipped, to.constant(number(taken)));
        return to.add(new Mul(), back, scalar(m.value("again"), to));
    }

    private static String dequantizedReason(Match m) {
        DType integers = type(m.value("x"));
        if (integers != DType.INT8 && integers != DType.UINT8) {
            return "the integers are " + integers.text();
        }
        String reason =
                granularityReason(m.root(), m.rootOp(DequantizeLinear.class).blockSize());
        if (reason != null) {
            return reason;
        }
        return type(m.root().output()) == DType.FLOAT32 ? null : "the result is not f32";
    }

    /** Integers as float32. */
    static Value floats(Value v, Emitter to) {
        return to.add(new Cast(DType.FLOAT32, true, "up"), v);
    }

    private static Value dequantized(Match m, Emitter to) {
        Value x = floats(m.value("x"), to);
        Value zero = m.root().input(2);
        if (zero != null) {
            x = to.add(
                    new Sub(),
                    x,
                    zero.isConstant() ? to.constant(number(zero.constant().getDouble(0))) : floats(zero, to));
        }
        return to.add(new Mul(), x, scalar(m.value("again"), to));
    }

    /** Why a quantised product can't be computed in floats, or null. */
    private static String linearReason(Match m, int axis) {
        Node node = m.root();
        Tensor w = m.constant("w");
        for (int i = 1; i < node.inputs().size(); i++) {
            if (node.input(i) != null && !node.input(i).isConstant()) {
                return "input " + i + " is not constant";
            }
        }
        boolean integers = w.dtype().isInteger()
                && type(m.value("x")).isInteger()
                && type(node.output()).isInteger();
        if (!integers || m.constant("x scale").dtype() != DType.FLOAT32) {
            return "the operands are floats";
        }
        for (int i = 1; i <= OUTPUT + 1; i++) {
            long size = node.input(i).constant().size();
            boolean many = i == WEIGHTS + 1 || i == WEIGHTS + 2;
            if (i != WEIGHTS && size != 1 && !many) {
                return "input " + i + " has " + size + " numbers";
            }
        }
        return FloatSums.of(node, axis).reason();
    }

    /** The input minus its zero point, as floats. */
    private static Value centred(Match m, Emitter to) {
        return to.add(
                new DequantizeLinear(1, 0, null),
                m.value("x"),
                to.constant(number(1)),
                m.root().input(2));
    }

    /** Scales and rounds sums as the quantised operator does; the channels have some axes after them. */
    private static Value quantized(Match m, Emitter to, FloatSums sums, Value products, int axesAfter) {
        Value y = to.add(new Mul(), products, to.constant(sums.factors(axesAfter)));
        Tensor upper = sums.bounds(true, axesAfter);
        y = upper == null ? y : to.add(new Min(), y, to.constant(upper));
        Tensor lower = sums.bounds(false, axesAfter);
        y = lower == null ? y : to.add(new Max(), y, to.constant(lower));
        QuantizeLinear op = new QuantizeLinear(1, true, 0, null, null);
        return to.add(op, y, to.constant(number(1)), scalar(m.root().input(OUTPUT + 1), to));
    }

    private static Value convolved(Match m, Emitter to) {
        QLinearConv q = m.rootOp(QLinearConv.class);
        Conv conv = new Conv(q.window(), q.group());
        FloatSums sums = FloatSums.of(m.root(), 0);
        Value weights = to.constant(sums.weights(0));
        Value x = centred(m, to);
        Tensor bias = sums.bias();
        int axes = weights.constant().rank() - 2;
        Value y;
        if (bias == null) {
            y = to.add(conv, x, weights);
        } else if (sums.addsIntegers()) {
            // The bias is added to integers, which wrap around as those of the operator do.
            long[] dims = new long[1 + axes];
            Arrays.fill(dims, 1);
            dims[0] = bias.size();
            Value integers = to.add(new Cast(DType.INT32, true, "up"), to.add(conv, x, weights));
            y = floats(to.add(new Add(), integers, to.constant(bias.reshape(dims))), to);
        } else {
            y = to.add(conv, x, weights, to.constant(bias));
        }
        return quantized(m, to, sums, y, axes);
    }

    private static Value multiplied(Match m, Emitter to) {
        FloatSums sums = FloatSums.of(m.root(), 1);
        Value weights = to.constant(sums.weights(1));
        Value products = to.add(new MatMul(), centred(m, to), weights);
        return quantized(m, to, sums, products, 0);
    }
}
