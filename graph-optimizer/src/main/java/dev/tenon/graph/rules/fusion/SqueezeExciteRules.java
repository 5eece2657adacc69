package dev.tenon.graph.rules.fusion;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.product;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Celu;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Softsign;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds squeeze-and-excitation: means of the planes of a value, two products with a function after the second one and
 * perhaps after the first one, and the product of the value with the result. A clip between 0 and 6, or 0 and 1, is
 * such a function too: it is left of a HardSigmoid whose factor and shift were folded into weights. The products are
 * pointwise convolutions, or matrix multiplications between views.
 */
public final class SqueezeExciteRules {
    private static final List<Class<? extends Op>> SQUEEZES = List.of(
            Relu.class,
            HardSwish.class,
            Swish.class,
            Gelu.class,
            Mish.class,
            LeakyRelu.class,
            Tanh.class,
            Elu.class,
            Selu.class,
            Celu.class,
            Softplus.class,
            Softsign.class,
            Sigmoid.class);
    private static final List<Class<? extends Op>> EXCITES =
            List.of(Sigmoid.class, HardSigmoid.class, Tanh.class, Relu.class);
    private static final List<Class<? extends Op>> VIEWS =
            List.of(Reshape.class, Flatten.class, Squeeze.class, Unsqueeze.class);

    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final String MEAN = "mean";
    private static final String MEANS = "means";
    private static final String GATES = "gates";
    private static final String SQUEEZED = "squeezed";
    private static final String EXCITED = "excited";

    /** Gates that are clipped at 1, and gates that are clipped at 6 and divided by 6. */
    private static final String UNIT = "unit";

    private static final String SIXTHS = "sixths";

    /** A value between the products that is clipped at 6. */
    private static final String RELU6 = "relu6";

    private static final double SIX = 6;

    private static final UnaryFunction IDENTITY = new LeakyRelu(1);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("squeeze-excite", op(Mul.class, any("x"), ofConvolutions()), SqueezeExciteRules::fused)
                    .unless(SqueezeExciteRules::planesReason)
                    .unless(m -> weightsReason(m, FIRST))
                    .unless(m -> weightsReason(m, SECOND))
                    .unless(SqueezeExciteRules::gatesReason)
                    .rounding()
                    .making(SqueezeExcite.class),
            Rule.of("squeeze-excite-linear", op(Mul.class, any("x"), ofProducts()), SqueezeExciteRules::fused)
                    .unless(SqueezeExciteRules::planesReason)
                    .unless(SqueezeExciteRules::meansReason)
                    .unless(m -> weightsReason(m, FIRST))
                    .unless(m -> weightsReason(m, SECOND))
                    .unless(SqueezeExciteRules::gatesReason)
                    .rounding()
                    .making(SqueezeExcite.class));

    private SqueezeExciteRules() {}

    private static Pattern means() {
        return either(
                op(GlobalAveragePool.class, any("x")).as("pool").once(),
                op(ReduceMean.class, any("x"), constant("axes")).as(MEAN).once());
    }

    private static Pattern ofConvolutions() {
        Pattern first = convolution(means(), FIRST);
        Pattern second = convolution(squeezed(first), SECOND);
        return excited(second);
    }

    /** A function, or a HardSigmoid whose shift and perhaps factor were folded into the weights before it. */
    private static Pattern excited(Pattern second) {
        return either(
                op(EXCITES, second).as(EXCITED).once(),
                ActivationRules.clipped(second, 1, UNIT),
                product(ActivationRules.SIXTH, ActivationRules.clipped(second, SIX, SIXTHS)));
    }

    private static Pattern squeezed(Pattern first) {
        return either(op(SQUEEZES, first).as(SQUEEZED).once(), ActivationRules.clipped(first, SIX, RELU6), first);
    }

    private static Pattern convolution(Pattern x, String name) {
        return op(Conv.class, x, constant(name + " weights")).open().as(name).once();
    }

    private static Pattern ofProducts() {
        Pattern means = either(op(VIEWS, means()).open().as(MEANS).once(), means());
        Pattern first = matrix(means, FIRST);
        Pattern second = matrix(squeezed(first), SECOND);
        return op(VIEWS, excited(second)).open().as(GATES).once();
    }

    private static Pattern matrix(Pattern x, String name) {
        Pattern weights = constant(name + " weights");
        return either(
                op(Gemm.class, x, weights).open().as(name).once(),
                op(Add.class, op(MatMul.class, x, weights).as(name).once(), constant(name + " bias"))
                        .once(),
                op(MatMul.class, x, weights).as(name).once());
    }

    /** Why the means are not those of whole planes, or null. */
    private static String planesReason(Match m) {
        int rank = Shapes.rank(m.value("x"));
        if (m.value("x").tensorType().dtype() != DType.FLOAT32) {
            return "%" + m.value("x").name() + " is not f32";
        }
        if (rank < 3) {
            return "%" + m.value("x").name() + " is not known to have planes";
        }
        if (!m.has(MEAN)) {
            return null;
        }
        Node mean = m.node(MEAN);
        int[] axes = Shapes.axes((ReduceMean) mean.op(), mean.input(0), mean.input(1));
        boolean planes = axes.length == rank - 2;
        for (int i = 0; planes && i < axes.length; i++) {
            planes = axes[i] == i + 2;
        }
        return planes ? null : "the mean is not that of each plane";
    }

    /** Why the operand of the first product is not one row of means for each instance, or null. */
    private static String meansReason(Match m) {
        Shape shape = Shapes.of(m.value(m.has(MEANS) ? MEANS : m.has(MEAN) ? MEAN : "pool"));
        boolean rows = shape.hasRank()
                && shape.rank() == 2
                && shape.dim(1).equals(Dim.of(channels(m)))
                && shape.dim(0).equals(Shapes.of(m.value("x")).dim(0));
        return rows ? null : "the means are of shape " + shape;
    }

    private static long channels(Match m) {
        Tensor w = m.constant(FIRST + " weights");
        return hasOutputsAsColumns(m.node(FIRST).op()) ? w.dim(0) : w.dim(1);
    }

    /** Whether the columns of an operator's weights belong to its outputs. */
    private static boolean hasOutputsAsColumns(Op op) {
        return op instanceof MatMul || op instanceof Gemm g && !g.transB();
    }

    /** Why an operator is not one matrix and one bias for all pixels, or null. */
    private static String weightsReason(Match m, String name) {
        Node node = m.node(name);
        Tensor w = m.constant(name + " weights");
        switch (node.op()) {
            case Conv c -> {
                if (c.group() > 1) {
                    return "%" + node.output().name() + " has groups";
                }
                if (c.window().pads().stream().anyMatch(pad -> pad != 0)) {
                    return "%" + node.output().name() + " is padded";
                }
                if (w.size() != w.dim(0) * w.dim(1)) {
                    return "%" + node.output().name() + " has windows of several elements";
                }
            }
            case Gemm g -> {
                if (g.transA() || g.alpha() != 1 || g.beta() != 1) {
                    return "%" + node.output().name() + " has factors or transposes its operand";
                }
            }
            default -> {
                if (w.rank() != 2) {
                    return "%" + node.output().name() + " has several matrices";
                }
            }
        }
        if (name.equals(SECOND) && m.has(RELU6) && Weights.overflow(w, SIX, i -> SIX)) {
            return "a weight would be out of range";
        }
        Value bias = bias(m, name);
        long outputs = hasOutputsAsColumns(node.op()) ? w.dim(1) : w.dim(0);
        boolean row = bias == null
                || node.op() instanceof Conv
                || bias.isConstant()
                        && bias.constant().size() == outputs
                        && bias.constant().rank() > 0
                        && bias.constant().dim(bias.constant().rank() - 1) == outputs;
        return row ? null : "the bias of %" + node.output().name() + " is not one row";
    }

    private static Value bias(Match m, String name) {
        Node node = m.node(name);
        return m.has(name + " bias") ? m.value(name + " bias") : node.input(2);
    }

    /** Why there is not one gate for each channel, or null. */
    private static String gatesReason(Match m) {
        Shape shape = Shapes.of(m.value(m.has(GATES) ? GATES : m.has(EXCITED) ? EXCITED : m.has(UNIT) ? UNIT : SIXTHS));
        Shape x = Shapes.of(m.value("x"));
        boolean fits = shape.hasRank()
                && shape.rank() == x.rank()
                && shape.dim(0).equals(x.dim(0))
                && shape.dim(1).equals(Dim.of(channels(m)));
        for (int i = 2; fits && i < x.rank(); i++) {
            fits = shape.dim(i).equals(Dim.of(1));
        }
        return fits ? null : "the gates are of shape " + shape;
    }

    private static Value fused(Match m, Emitter to) {
        List<Value> operands = new ArrayList<>(List.of(m.value("x"), weights(m, FIRST, to), weights(m, SECOND, to)));
        operands.add(vector(m, FIRST, to));
        operands.add(vector(m, SECOND, to));
        while (operands.getLast() == null) {
            operands.removeLast();
        }
        return to.add(new SqueezeExcite(squeeze(m), excite(m)), operands, 1).getFirst();
    }

    private static UnaryFunction squeeze(Match m) {
        if (m.has(RELU6)) {
            return new HardSigmoid((float) ActivationRules.SIXTH, 0);
        }
        return m.has(SQUEEZED) ? m.op(SQUEEZED, UnaryFunction.class) : IDENTITY;
    }

    private static UnaryFunction excite(Match m) {
        if (m.has(EXCITED)) {
            return m.op(EXCITED, UnaryFunction.class);
        }
        return new HardSigmoid(m.has(UNIT) ? 1 : (float) ActivationRules.SIXTH, 0);
    }

    /** The weights after a clip at 6, times 6, because a sixth of the clipped value is computed. */
    private static Tensor timesSix(Tensor w) {
        Tensor six = Tensor.allocate(w.dtype(), w.dims());
        for (long i = 0; i < w.size(); i++) {
            six.setDouble(i, w.getDouble(i) * SIX);
        }
        return six;
    }

    /** The weights in the shape of those of a convolution. */
    private static Value weights(Match m, String name, Emitter to) {
        boolean grows = name.equals(SECOND) && m.has(RELU6);
        Value weights = m.value(name + " weights");
        if (m.node(name).op() instanceof Conv) {
            return grows ? to.constant(timesSix(weights.constant())) : weights;
        }
        Tensor w = grows ? timesSix(weights.constant()) : weights.constant();
        if (hasOutputsAsColumns(m.node(name).op())) {
            Transpose transpose = Shapes.transpose(1, 0);
            w = (Tensor) new Operands(transpose, "", List.of(w), 1).evaluate().getFirst();
        }
        long[] dims = new long[Shapes.rank(m.value("x"))];
        Arrays.fill(dims, 1);
        dims[0] = w.dim(0);
        dims[1] = w.dim(1);
        return to.constant(w.reshape(dims));
    }

    /** The bias in the shape of that of a convolution. */
    private static Value vector(Match m, String name, Emitter to) {
        Value bias = bias(m, name);
        return bias == null || m.node(name).op() instanceof Conv
                ? bias
                : Shapes.reshaped(to, bias, bias.constant().size());
    }
}
