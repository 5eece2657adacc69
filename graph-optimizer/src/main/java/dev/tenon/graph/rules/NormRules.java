package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.absent;
import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.near;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.scalar;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleList;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.RuleTable;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * Finds normalisations that exporters spelled out: the division by the root first, with a scale of ones, then scale and
 * bias if they are there.
 */
public final class NormRules implements RuleTable {
    private static final String DEVIATION = "deviation";

    /** The rules. */
    public static final RuleSet SET = RuleSet.of(new NormRules());

    private NormRules() {}

    @Override
    public void list(RuleList rules) {
        if (rules.asks("Div", "Mul") && rules.met("ReduceMean"))
            rules.add(Rule.of(
                            "layer-normalization",
                            overRoot(
                                    op(
                                                    Sub.class,
                                                    any("x"),
                                                    op(ReduceMean.class, any("x"), constant("axes"))
                                                            .as("mean")
                                                            .once())
                                            .as(DEVIATION),
                                    op(Sub.class, any("x"), any("mean")).as(DEVIATION)),
                            (m, to) -> to.add(
                                    new LayerNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                    m.value("x"),
                                    ones(m, to)))
                    .unless(NormRules::rowsReason)
                    .rounding()
                    .making(LayerNormalization.class));
        if (rules.asks("Add") && rules.met("ReduceMean"))
            rules.add(Rule.of(
                            "layer-normalization-moments",
                            ofMoments(),
                            (m, to) -> to.add(
                                    new LayerNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                    m.value("x"),
                                    Shapes.reshaped(to, m.value("scale"), tail(m.value("x"), axis(m))),
                                    Shapes.reshaped(to, m.value("bias"), tail(m.value("x"), axis(m)))))
                    .unless(NormRules::rowsReason)
                    .unless(NormRules::momentsReason)
                    .rounding()
                    .making(LayerNormalization.class));
        if (rules.asks("Div", "Mul") && rules.met("ReduceMean"))
            rules.add(Rule.of(
                            "rms-normalization",
                            overRoot(any("x"), any("x")),
                            (m, to) -> to.add(
                                    new RMSNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                    m.value("x"),
                                    ones(m, to)))
                    .unless(NormRules::rowsReason)
                    .rounding()
                    .making(RMSNormalization.class));
        if (rules.asks("Mul") && rules.met("LayerNormalization"))
            rules.add(Rule.of(
                            "layer-normalization-scale",
                            op(
                                    Mul.class,
                                    op(LayerNormalization.class, any("x"), scalar(1))
                                            .as("norm")
                                            .once(),
                                    any("scale")),
                            (m, to) -> to.add(m.node("norm").op(), m.value("x"), row(m, to, "scale")))
                    .unless(m -> rowReason(m, "scale"))
                    .rounding());
        if (rules.asks("Mul") && rules.met("RMSNormalization"))
            rules.add(Rule.of(
                            "rms-normalization-scale",
                            op(
                                    Mul.class,
                                    op(RMSNormalization.class, any("x"), scalar(1))
                                            .as("norm")
                                            .once(),
                                    any("scale")),
                            (m, to) -> to.add(m.node("norm").op(), m.value("x"), row(m, to, "scale")))
                    .unless(m -> rowReason(m, "scale"))
                    .rounding());
        if (rules.asks("Add") && rules.met("LayerNormalization"))
            rules.add(Rule.of(
                            "layer-normalization-bias",
                            op(
                                    Add.class,
                                    op(LayerNormalization.class, any("x"), any("scale"), absent())
                                            .as("norm")
                                            .once(),
                                    any("bias")),
                            (m, to) -> to.add(m.node("norm").op(), m.value("x"), m.value("scale"), row(m, to, "bias")))
                    .unless(m -> rowReason(m, "bias"))
                    .rounding());
        if (rules.asks("Div") && rules.met("Exp"))
            rules.add(Rule.of(
                            "softmax",
                            op(
                                    Div.class,
                                    op(
                                                    Exp.class,
                                                    either(
                                                            op(
                                                                            Sub.class,
                                                                            any("x"),
                                                                            op(
                                                                                            ReduceMax.class,
                                                                                            any("x"),
                                                                                            constant("axes"))
                                                                                    .where(NormRules::keeps)
                                                                                    .as("max")
                                                                                    .once())
                                                                    .once(),
                                                            any("x")))
                                            .as("exp"),
                                    op(ReduceSum.class, any("exp"), constant("axes"))
                                            .where(NormRules::keeps)
                                            .as("mean")
                                            .once()),
                            (m, to) -> to.add(new Softmax(axes(m)[0]), m.value("x")))
                    .unless(NormRules::softmaxReason)
                    .rounding()
                    .making(Softmax.class));
        if (rules.asks("Log") && rules.met("Softmax"))
            rules.add(Rule.of(
                            "log-softmax",
                            op(
                                    Log.class,
                                    op(Softmax.class, any("x")).as("softmax").once()),
                            (m, to) -> to.add(
                                    new LogSoftmax(
                                            m.op("softmax", Softmax.class).axis()),
                                    m.value("x")))
                    .rounding()
                    .making(LogSoftmax.class));
    }

    /** A value over the root of the mean of its squares, which is bound as "mean". */
    private static Pattern overRoot(Pattern first, Pattern again) {
        Pattern square = either(
                op(Pow.class, again, near(2)).once(),
                op(Mul.class, again, again).once());
        Pattern mean = op(ReduceMean.class, square, constant("axes"))
                .where(NormRules::keeps)
                .as("squares")
                .once();
        Pattern variance = op(Add.class, mean, scalar("epsilon")).once();
        Pattern root = either(
                op(Sqrt.class, variance).once(),
                op(Pow.class, variance, near(0.5)).once());
        Pattern inverse = inverse(variance, root);
        return either(op(Div.class, first, root), op(Mul.class, first, inverse));
    }

    private static Pattern inverse(Pattern variance, Pattern root) {
        return either(
                op(Reciprocal.class, root).once(),
                op(Div.class, scalar(1), root).once(),
                op(Pow.class, variance, near(-0.5)).once());
    }

    /** TensorFlow's spelling: x times a factor, plus the bias less the mean times that factor. */
    private static Pattern ofMoments() {
        Pattern mean = op(ReduceMean.class, any("x"), constant("axes"))
                .where(NormRules::keeps)
                .as("mean");
        Pattern distance = op(Sub.class, any("x"), mean).as(DEVIATION);
        Pattern square = either(
                op(Pow.class, distance, near(2)).once(),
                op(Mul.class, distance, any(DEVIATION)).once());
        Pattern squares = op(ReduceMean.class, square, constant("axes"))
                .where(NormRules::keeps)
                .as("squares")
                .once();
        Pattern variance = op(Add.class, squares, scalar("epsilon")).once();
        Pattern root = op(Sqrt.class, variance).once();
        Pattern factor =
                op(Mul.class, inverse(variance, root), constant("scale")).as("factor");
        return op(
                Add.class,
                op(Mul.class, any("x"), factor).once(),
                op(
                                Sub.class,
                                constant("bias"),
                                op(Mul.class, any("mean"), any("factor")).once())
                        .once());
    }

    private static String momentsReason(Match m) {
        long[] row = tail(m.value("x"), axis(m));
        long count = 1;
        for (long d : row) {
            count *= d;
        }
        for (String name : new String[] {"scale", "bias"}) {
            Tensor t = m.constant(name);
            boolean fits = t.size() == count && t.rank() <= Shapes.rank(m.value("x"));
            for (int i = 1; fits && i <= Math.min(row.length, t.rank()); i++) {
                fits = t.dim(t.rank() - i) == row[row.length - i];
            }
            if (!fits) {
                return "the " + name + " is not one row";
            }
        }
        return null;
    }

    private static boolean keeps(Node n) {
        return ((Reduction) n.op()).keepdims();
    }

    private static int[] axes(Match m) {
        Node node = m.has("squares") ? m.node("squares") : m.node("mean");
        return Shapes.axes((Reduction) node.op(), node.input(0), node.input(1));
    }

    private static int axis(Match m) {
        return axes(m)[0];
    }

    /** Why the axes are not whole rows of known length, or null. */
    private static String rowsReason(Match m) {
        int[] axes = axes(m);
        int rank = Shapes.rank(m.value("x"));
        if (axes == null || axes.length == 0) {
            return "the axes are not known";
        }
        if (axes[axes.length - 1] != rank - 1 || axes[axes.length - 1] - axes[0] != axes.length - 1) {
            return "the axes are not the last ones";
        }
        if (m.has("mean") && !keeps(m.node("mean"))) {
            return "the mean drops its axes";
        }
        if (!(m.number("epsilon") >= 0)) {
            return "epsilon is negative";
        }
        double epsilon = m.number("epsilon");
        if (m.value("x").tensorType().dtype() == DType.FLOAT64 && (float) epsilon != epsilon) {
            return "epsilon " + epsilon + " is no f32";
        }
        return tail(m.value("x"), axes[0]) == null ? "the length of a row is not known" : null;
    }

    private static long[] tail(Value x, int axis) {
        Shape shape = Shapes.of(x);
        long[] dims = new long[shape.rank() - axis];
        for (int i = 0; i < dims.length; i++) {
            if (!shape.dim(axis + i).isKnown()) {
                return null;
            }
            dims[i] = shape.dim(axis + i).value();
        }
        return dims;
    }

    private static Value ones(Match m, Emitter to) {
        DType type = m.value("x").tensorType().dtype();
        return to.constant(Constants.filled(type, 1, tail(m.value("x"), axis(m))));
    }

    private static int axisOf(Node norm) {
        int axis = norm.op() instanceof LayerNormalization n ? n.axis() : ((RMSNormalization) norm.op()).axis();
        return axis < 0 ? axis + Shapes.rank(norm.output()) : axis;
    }

    /** Why a factor or addend is not one row, or null. */
    private static String rowReason(Match m, String name) {
        Node norm = m.node("norm");
        if (Shapes.rank(norm.output()) < 0) {
            return "the rank is not known";
        }
        long[] row = tail(m.value("x"), axisOf(norm));
        Shape shape = Shapes.of(m.value(name));
        if (row == null || !shape.isKnown()) {
            return "the " + name + " is of no known shape";
        }
        long[] dims = shape.toArray();
        if (m.value(name).isConstant() && dims.length > row.length && dims.length <= Shapes.rank(norm.output())) {
            for (int i = 0; i < dims.length - row.length; i++) {
                if (dims[i] != 1) {
                    return "the " + name + " is not one row";
                }
            }
            dims = Arrays.copyOfRange(dims, dims.length - row.length, dims.length);
        }
        return Arrays.equals(dims, row) ? null : "the " + name + " is not one row";
    }

    private static Value row(Match m, Emitter to, String name) {
        Value v = m.value(name);
        Tensor t = v.constant();
        return t == null ? v : Shapes.reshaped(to, v, tail(m.value("x"), axisOf(m.node("norm"))));
    }

    private static String softmaxReason(Match m) {
        int[] axes = axes(m);
        return axes == null || axes.length != 1 ? "it is not along one axis" : null;
    }
}
