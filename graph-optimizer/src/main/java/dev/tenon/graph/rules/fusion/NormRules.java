package dev.tenon.graph.rules.fusion;

import static dev.tenon.graph.rewrite.Pattern.absent;
import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.near;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.scalar;
import static dev.tenon.graph.rewrite.RuleSet.lazy;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.LpNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Finds normalisations that exporters write as several operators. First the division by the root becomes a
 * normalisation with a scale of ones, or with the scale that the root is multiplied with. Then a scale and a bias after
 * it are folded in.
 */
public final class NormRules {
    private static final List<Class<? extends Op>> VIEWS = List.of(Unsqueeze.class, Squeeze.class, Reshape.class);
    private static final String DEVIATION = "deviation";
    private static final String SCALE = "scale";
    private static final String UNIT = "unit";
    private static final String SPREAD = "spread";

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
                    Rule.of(
                                    "layer-normalization",
                                    either(
                                            overRoot(
                                                    op(Sub.class, any("x"), mean(true))
                                                            .as(DEVIATION),
                                                    meanSquare(op(Sub.class, any("x"), any("mean"))
                                                            .as(DEVIATION))),
                                            overRoot(op(Sub.class, any("x"), mean(false)), lessSquaredMean())),
                                    (m, to) -> to.add(
                                            new LayerNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                            m.value("x"),
                                            scale(m, to)))
                            .unless(NormRules::rowsReason)
                            .unless(NormRules::scaleReason)
                            .rounding()
                            .making(LayerNormalization.class),
                    Rule.of(
                                    "layer-normalization-moments",
                                    ofMoments(),
                                    (m, to) -> to.add(
                                            new LayerNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                            m.value("x"),
                                            scale(m, to),
                                            Shapes.reshaped(to, m.value("bias"), tail(m.value("x"), axis(m)))))
                            .unless(NormRules::rowsReason)
                            .unless(NormRules::momentsReason)
                            .rounding()
                            .making(LayerNormalization.class),
                    Rule.of(
                                    "rms-normalization",
                                    overRoot(any("x"), meanSquare(any("x"))),
                                    (m, to) -> to.add(
                                            new RMSNormalization(axis(m), (float) m.number("epsilon"), DType.FLOAT32),
                                            m.value("x"),
                                            scale(m, to)))
                            .unless(NormRules::rowsReason)
                            .unless(NormRules::scaleReason)
                            .rounding()
                            .making(RMSNormalization.class))
            .plus(lazy(
                    NormRules::ofNorms, ReduceL2.class, ReduceSum.class, ReduceSumSquare.class, LpNormalization.class))
            .plus(lazy(NormRules::ofLayerNormalization, LayerNormalization.class))
            .plus(lazy(NormRules::ofRmsNormalization, RMSNormalization.class))
            .plus(lazy(NormRules::ofExponentials, ReduceSum.class))
            .plus(lazy(NormRules::ofSoftmax, Softmax.class));

    private NormRules() {}

    /** An RMSNormalization that is a division by a norm. */
    private static RuleSet ofNorms() {
        return RuleSet.of(Rule.of(
                        "rms-normalization-of-norm",
                        overNorm(),
                        (m, to) -> to.add(
                                new RMSNormalization(axis(m), m.has(UNIT) ? Float.MIN_VALUE : 0, DType.FLOAT32),
                                m.value("x"),
                                scale(m, to)))
                .unless(NormRules::normReason)
                .rounding()
                .making(RMSNormalization.class));
    }

    /** The scale and the bias of a LayerNormalization. */
    private static RuleSet ofLayerNormalization() {
        return RuleSet.of(
                scaled("layer-normalization-scale", LayerNormalization.class),
                Rule.of(
                                "layer-normalization-bias",
                                op(
                                        Add.class,
                                        op(LayerNormalization.class, any("x"), any(SCALE), absent())
                                                .as("norm")
                                                .once(),
                                        any("bias")),
                                (m, to) -> to.add(
                                        m.node("norm").op(),
                                        m.value("x"),
                                        m.value(SCALE),
                                        row(m, to, "bias", normAxis(m))))
                        .unless(m -> rowReason(m, "bias", normAxis(m)))
                        .rounding(),
                Rule.of(
                                "layer-normalization-factor",
                                op(
                                        Mul.class,
                                        op(LayerNormalization.class, any("x"), constant("own scale"), constant("bias"))
                                                .as("norm")
                                                .once(),
                                        constant(SCALE)),
                                NormRules::scaledOnce)
                        .unless(m -> rowReason(m, SCALE, normAxis(m)))
                        .rounding());
    }

    /** Multiplies scale and bias with a factor. Both are constants, so the products are folded. */
    private static Value scaledOnce(Match m, Emitter to) {
        Value factor = row(m, to, SCALE, normAxis(m));
        Value scale = to.add(new Mul(), m.value("own scale"), factor);
        Value bias = to.add(new Mul(), m.value("bias"), factor);
        return to.add(m.node("norm").op(), m.value("x"), scale, bias);
    }

    /** The scale of an RMSNormalization. */
    private static RuleSet ofRmsNormalization() {
        return RuleSet.of(
                scaled("rms-normalization-scale", RMSNormalization.class),
                Rule.of(
                                "rms-normalization-scale-cast",
                                op(
                                        Mul.class,
                                        op(
                                                        Cast.class,
                                                        op(RMSNormalization.class, any("x"), scalar(1))
                                                                .as("norm")
                                                                .once())
                                                .as("cast")
                                                .once(),
                                        any(SCALE)),
                                NormRules::scaledBeforeCast)
                        .unless(NormRules::castReason)
                        .unless(m -> rowReason(m, SCALE, normAxis(m)))
                        .rounding());
    }

    /** A softmax that is written out. */
    private static RuleSet ofExponentials() {
        return RuleSet.of(Rule.of(
                        "softmax",
                        op(
                                Div.class,
                                op(
                                                Exp.class,
                                                either(
                                                        op(
                                                                        Sub.class,
                                                                        any("x"),
                                                                        op(ReduceMax.class, any("x"), constant("axes"))
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
    }

    /** A logarithm of probabilities. */
    private static RuleSet ofSoftmax() {
        return RuleSet.of(Rule.of(
                        "log-softmax",
                        op(Log.class, op(Softmax.class, any("x")).as("softmax").once()),
                        (m, to) -> to.add(
                                new LogSoftmax(m.op("softmax", Softmax.class).axis()), m.value("x")))
                .rounding()
                .making(LogSoftmax.class));
    }

    /** Folds a scale into a normalisation that has a scale of ones. */
    private static Rule scaled(String name, Class<? extends Op> type) {
        return Rule.of(
                        name,
                        op(Mul.class, op(type, any("x"), scalar(1)).as("norm").once(), any(SCALE)),
                        (m, to) -> to.add(m.node("norm").op(), m.value("x"), row(m, to, SCALE, normAxis(m))))
                .unless(m -> rowReason(m, SCALE, normAxis(m)))
                .rounding();
    }

    /**
     * A value divided by the root of a mean square plus epsilon, or multiplied with the inverse of that root, perhaps
     * scaled.
     */
    private static Pattern overRoot(Pattern x, Pattern meanSquare) {
        Pattern variance = op(Add.class, meanSquare, scalar("epsilon")).once();
        Pattern root = either(
                op(Sqrt.class, variance).once(),
                op(Pow.class, variance, near(0.5)).once());
        Pattern inverse = inverse(variance, root);
        return either(
                op(Div.class, x, root),
                op(Mul.class, x, inverse),
                op(Mul.class, x, op(Mul.class, inverse, any(SCALE)).once()));
    }

    /** The mean along axes that are kept, or added again after the reduction; if once, nothing else uses it. */
    private static Pattern mean(boolean once) {
        OpPattern mean = op(ReduceMean.class, any("x"), constant("axes"));
        OpPattern kept = mean.where(NormRules::keeps).as("mean");
        OpPattern back = op(VIEWS, mean.where(n -> !keeps(n)).once()).open().as("mean");
        return either(once ? kept.once() : kept, once ? back.once() : back);
    }

    /**
     * The mean of the squares of a value, or their sum divided by their number. The reduction is bound as "squares".
     */
    private static Pattern meanSquare(Pattern x) {
        Pattern square =
                either(op(Pow.class, x, near(2)).once(), op(Mul.class, x, x).once());
        Pattern norm = op(Pow.class, squares(ReduceL2.class, x), near(2)).once();
        Pattern sum = either(squares(ReduceSum.class, square), squares(ReduceSumSquare.class, x), norm);
        return either(
                squares(ReduceMean.class, square),
                op(Div.class, sum, scalar("count")).once(),
                op(Mul.class, sum, scalar("share")).once());
    }

    /** A reduction along axes that are kept, or added again after it. */
    private static Pattern squares(Class<? extends Op> reduction, Pattern x) {
        OpPattern squares = op(reduction, x, constant("axes")).as("squares").once();
        return either(
                squares.where(NormRules::keeps),
                op(VIEWS, squares.where(n -> !keeps(n))).open().as("kept").once());
    }

    /**
     * A value divided by its norm, times the root of the number of elements. A lower bound of the norm is bound as
     * "least".
     */
    private static Pattern overNorm() {
        Pattern sum = squares(ReduceL2.class, any("x"));
        Pattern bounded = either(
                op(Max.class, sum, scalar("least")).once(),
                op(Clip.class, sum, scalar("least")).once(),
                sum);
        Pattern norm = either(op(Expand.class, bounded, any()).as(SPREAD).once(), bounded);
        Pattern unit = either(
                op(Div.class, any("x"), norm).once(),
                op(LpNormalization.class, any("x")).as(UNIT).once());
        return either(
                op(Mul.class, unit, scalar("root")),
                op(Div.class, unit, scalar("inverse root")),
                op(
                        Div.class,
                        any("x"),
                        op(Mul.class, norm, scalar("inverse root")).once()),
                op(Div.class, any("x"), op(Div.class, norm, scalar("root")).once()));
    }

    /**
     * Why a value divided by its norm is no RMS normalisation, or null. A row of zeros divided by its norm is NaN in
     * both. LpNormalization keeps such a row, as does an epsilon that is too small to change any other mean of squares.
     */
    private static String normReason(Match m) {
        String reason = axesReason(m);
        if (reason != null) {
            return reason;
        }
        Shape x = Shapes.of(m.value("x"));
        DType type = m.value("x").tensorType().dtype();
        if (m.has(UNIT) && m.op(UNIT, LpNormalization.class).p() != 2) {
            return "the norm is of order " + m.op(UNIT, LpNormalization.class).p();
        }
        if (m.has(UNIT) && type == DType.FLOAT64) {
            return "no epsilon is small enough for f64";
        }
        if (m.has("least") && !(m.number("least") <= 0)) {
            return "a norm below " + m.number("least") + " is replaced by it, which no epsilon does";
        }
        if (m.has(SPREAD) && !Shapes.of(m.value(SPREAD)).equals(x)) {
            return "the norm is broadcast to " + Shapes.of(m.value(SPREAD)) + ", and not to " + x;
        }
        long count = count(tail(m.value("x"), axis(m)));
        double root = m.has("root") ? m.number("root") : 1 / m.number("inverse root");
        if (!Constants.isNear(root, Math.sqrt(count), type)) {
            return "the quotient is multiplied by " + root + ", and not by the root of " + count;
        }
        return Shapes.of(m.root().output()).equals(x) ? null : "the result is not of shape " + x;
    }

    /** The mean of the squares minus the square of the mean, perhaps with 0 as a lower bound. */
    private static Pattern lessSquaredMean() {
        Pattern less = op(
                        Sub.class,
                        meanSquare(any("x")),
                        either(
                                op(Mul.class, any("mean"), any("mean")).once(),
                                op(Pow.class, any("mean"), near(2)).once()))
                .once();
        return either(less, op(Max.class, less, scalar(0)).once());
    }

    /** The inverse of a root. */
    private static Pattern inverse(Pattern variance, Pattern root) {
        return either(
                op(Reciprocal.class, root).once(),
                op(Div.class, scalar(1), root).once(),
                op(Pow.class, variance, near(-0.5)).once());
    }

    /** The form of TensorFlow: x times a factor, plus the bias minus the mean times that factor. */
    private static Pattern ofMoments() {
        Pattern distance = op(Sub.class, any("x"), mean(false)).as(DEVIATION);
        Pattern square = either(
                op(Pow.class, distance, near(2)).once(),
                op(Mul.class, distance, any(DEVIATION)).once());
        Pattern variance = op(Add.class, squares(ReduceMean.class, square), scalar("epsilon"))
                .once();
        Pattern root = op(Sqrt.class, variance).once();
        Pattern factor = op(Mul.class, inverse(variance, root), constant(SCALE)).as("factor");
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
        long count = count(row);
        for (String name : new String[] {SCALE, "bias"}) {
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

    /** The axes of the reduction; null if they are not known. */
    private static int[] axes(Match m) {
        if (m.has(UNIT)) {
            int rank = Shapes.rank(m.value("x"));
            int axis = m.op(UNIT, LpNormalization.class).axis();
            return Shapes.of(m.value("x")).hasRank() ? new int[] {axis < 0 ? axis + rank : axis} : null;
        }
        Node node = m.has("squares") ? m.node("squares") : m.node("mean");
        return Shapes.axes((Reduction) node.op(), node.input(0), node.input(1));
    }

    private static int axis(Match m) {
        return axes(m)[0];
    }

    /**
     * Why the axes are not those of whole rows of a known length, or epsilon and the mean can't be attributes; or null.
     */
    private static String rowsReason(Match m) {
        String reason = axesReason(m);
        if (reason != null) {
            return reason;
        }
        if (!(m.number("epsilon") >= 0)) {
            return "epsilon is negative";
        }
        double epsilon = m.number("epsilon");
        if ((float) epsilon != epsilon) {
            return "epsilon " + epsilon + " is no f32";
        }
        return countReason(m, count(tail(m.value("x"), axis(m))));
    }

    /** Why the axes are not those of whole rows of a known length, or null. */
    private static String axesReason(Match m) {
        int[] axes = axes(m);
        int rank = Shapes.rank(m.value("x"));
        if (axes == null || axes.length == 0) {
            return "the axes are not known";
        }
        if (axes[axes.length - 1] != rank - 1 || axes[axes.length - 1] - axes[0] != axes.length - 1) {
            return "the axes are not the last ones";
        }
        if (m.has("mean") && !isRowOfOnes(Shapes.of(m.value("mean")), Shapes.of(m.value("x")), axes[0])) {
            return "the mean is not kept for each row";
        }
        if (m.has("kept") && !isRowOfOnes(Shapes.of(m.value("kept")), Shapes.of(m.value("x")), axes[0])) {
            return "the mean of the squares is not kept for each row";
        }
        return tail(m.value("x"), axes[0]) == null ? "the length of a row is not known" : null;
    }

    /** Whether a shape is that of x with 1 in the place of each dimension from an axis on. */
    private static boolean isRowOfOnes(Shape kept, Shape x, int axis) {
        boolean fits = kept.hasRank() && kept.rank() == x.rank();
        for (int i = 0; fits && i < x.rank(); i++) {
            fits = kept.dim(i).equals(i < axis ? x.dim(i) : Dim.of(1));
        }
        return fits;
    }

    /** Why a sum of squares is not divided by the length of a row, or null. */
    private static String countReason(Match m, long count) {
        DType type = m.value("x").tensorType().dtype();
        boolean other = m.has("count") && m.number("count") != count
                || m.has("share") && !Constants.isNear(m.number("share"), 1.0 / count, type);
        return other ? "the sum of the squares of " + count + " elements is divided by another number" : null;
    }

    private static long count(long[] row) {
        long count = 1;
        for (long d : row) {
            count *= d;
        }
        return count;
    }

    /** The dimensions of x from an axis on; null if one is not known. */
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

    /** The scale that the inverse root is multiplied with; ones if there is none. */
    private static Value scale(Match m, Emitter to) {
        DType type = m.value("x").tensorType().dtype();
        return m.has(SCALE)
                ? row(m, to, SCALE, axis(m))
                : to.constant(Constants.filled(type, 1, tail(m.value("x"), axis(m))));
    }

    private static String scaleReason(Match m) {
        return m.has(SCALE) ? rowReason(m, SCALE, axis(m)) : null;
    }

    /** The first axis of the normalisation in the match. */
    private static int normAxis(Match m) {
        Node norm = m.node("norm");
        int axis = norm.op() instanceof LayerNormalization n ? n.axis() : ((RMSNormalization) norm.op()).axis();
        return axis < 0 ? axis + Shapes.rank(norm.output()) : axis;
    }

    /** Why a factor or addend is not one row from an axis on, or null. */
    private static String rowReason(Match m, String name, int axis) {
        if (!Shapes.of(m.value("x")).hasRank()) {
            return "the rank is not known";
        }
        int rank = Shapes.rank(m.value("x"));
        long[] row = tail(m.value("x"), axis);
        Shape shape = Shapes.of(m.value(name));
        if (row == null || !shape.isKnown()) {
            return "the " + name + " is of no known shape";
        }
        long[] dims = shape.toArray();
        if (m.value(name).isConstant() && dims.length > row.length && dims.length <= rank) {
            for (int i = 0; i < dims.length - row.length; i++) {
                if (dims[i] != 1) {
                    return "the " + name + " is not one row";
                }
            }
            dims = Arrays.copyOfRange(dims, dims.length - row.length, dims.length);
        }
        return Arrays.equals(dims, row) ? null : "the " + name + " is not one row";
    }

    /** A factor or addend in the shape of one row. */
    private static Value row(Match m, Emitter to, String name, int axis) {
        Value v = m.value(name);
        return v.isConstant() ? Shapes.reshaped(to, v, tail(m.value("x"), axis)) : v;
    }

    /** Why a scale can't be applied before the Cast, or null. */
    private static String castReason(Match m) {
        DType from = m.node("norm").output().tensorType().dtype();
        DType to = m.node("cast").output().tensorType().dtype();
        boolean narrows =
                (from == DType.FLOAT32 || from == DType.FLOAT64) && to.isFloating() && to.epsilon() > from.epsilon();
        return narrows ? null : from.text() + " becomes " + to.text();
    }

    private static Value scaledBeforeCast(Match m, Emitter to) {
        DType type = m.node("norm").output().tensorType().dtype();
        Value scale = to.add(new Cast(type), row(m, to, SCALE, normAxis(m)));
        return to.add(m.node("cast").op(), to.add(m.node("norm").op(), m.value("x"), scale));
    }

    private static String softmaxReason(Match m) {
        int[] axes = axes(m);
        return axes == null || axes.length != 1 ? "it is not along one axis" : null;
    }
}
