package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.attention.SwiGLU;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Celu;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Shrink;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Softsign;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.ThresholdedRelu;
import java.util.List;

/** Gradients of activations. Those that follow from the result do not keep the operand alive. */
final class ActivationGradients {
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
    private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBE = 0.044715;
    private static final double SWISH_BOUND = 3;

    private ActivationGradients() {}

    static void addTo(GradientTable t) {
        t.slope(Sigmoid.class, (op, n) -> n.mul(n.y(), n.sub(1, n.y())));
        t.slope(Softplus.class, (op, n) -> n.make(new Sigmoid(), n.x()));
        t.slope(Softsign.class, (op, n) -> n.div(1, n.square(n.add(n.abs(n.x()), 1))));
        t.slope(Gelu.class, (op, n) -> op.byTanh() ? geluByTanh(n) : gelu(n));
        t.slope(Swish.class, (op, n) -> {
            Value s = n.make(new Sigmoid(), n.mul(n.x(), op.alpha()));
            return n.mul(s, n.add(n.mul(n.mul(n.x(), op.alpha()), n.sub(1, s)), 1));
        });
        t.slope(Mish.class, (op, n) -> {
            Value tanh = n.make(new Tanh(), n.make(new Softplus(), n.x()));
            return n.add(tanh, n.mul(n.mul(n.x(), n.sub(1, n.square(tanh))), n.make(new Sigmoid(), n.x())));
        });
        t.expand(SwiGLU.class, (op, n) -> List.of(n.mul(n.make(new Swish(op.alpha()), n.in(0)), n.in(1))));
        addPieces(t);
    }

    /** Functions that are put together of pieces. */
    private static void addPieces(GradientTable t) {
        t.rule(Relu.class, (op, n) -> n.give(0, () -> n.masked(n.compare(new Greater(), n.y(), 0), n.dy())));
        t.rule(LeakyRelu.class, (op, n) -> n.give(0, () -> n.where(isNegative(n), n.mul(n.dy(), op.alpha()), n.dy())));
        t.rule(
                ThresholdedRelu.class,
                (op, n) -> n.give(0, () -> n.masked(n.compare(new Greater(), n.x(), op.alpha()), n.dy())));
        t.rule(
                Shrink.class,
                (op, n) -> n.give(0, () -> n.masked(n.compare(new Greater(), n.abs(n.x()), op.lambda()), n.dy())));
        t.rule(
                HardSigmoid.class,
                (op, n) -> n.give(0, () -> {
                    Value inside =
                            n.make(new And(), n.compare(new Greater(), n.y(), 0), n.compare(new Less(), n.y(), 1));
                    return n.masked(inside, n.mul(n.dy(), op.alpha()));
                }));
        t.slope(HardSwish.class, (op, n) -> {
            Value inside = n.mul(n.add(n.mul(n.x(), 2), SWISH_BOUND), 1 / (2 * SWISH_BOUND));
            Value one = n.number(n.x(), 1);
            Value outside = n.masked(n.compare(new Greater(), n.x(), 0), one);
            return n.where(n.compare(new Less(), n.abs(n.x()), SWISH_BOUND), inside, outside);
        });
        // Below 0 the exponential of these is the result and a constant.
        t.rule(Elu.class, (op, n) -> exponential(n, op.alpha(), 1, 1));
        t.rule(Selu.class, (op, n) -> exponential(n, (double) op.gamma() * op.alpha(), 1, op.gamma()));
        t.rule(Celu.class, (op, n) -> exponential(n, op.alpha(), 1.0 / op.alpha(), 1));
    }

    private static Value isNegative(NodeGradient n) {
        return n.compare(new Less(), n.x(), 0);
    }

    /** The slope is {@code (y + shift) factor} below 0, and a constant above. */
    private static void exponential(NodeGradient n, double shift, double factor, double above) {
        n.give(
                0,
                () -> n.mul(
                        n.dy(), n.where(isNegative(n), n.mul(n.add(n.y(), shift), factor), n.number(n.y(), above))));
    }

    /** {@code P(x) + x p(x)} for the normal distribution P and its density p. */
    private static Value gelu(NodeGradient n) {
        Value x = n.x();
        Value below = n.mul(n.add(n.make(new Erf(), n.mul(x, ROOT_HALF)), 1), 0.5);
        Value density = n.mul(n.exp(n.mul(n.square(x), -0.5)), DENSITY_AT_0);
        return n.add(below, n.mul(x, density));
    }

    private static Value geluByTanh(NodeGradient n) {
        Value x = n.x();
        Value square = n.square(x);
        Value inner = n.mul(n.mul(x, n.add(n.mul(square, CUBE), 1)), ROOT_2_OVER_PI);
        Value tanh = n.make(new Tanh(), inner);
        Value innerSlope = n.mul(n.add(n.mul(square, 3 * CUBE), 1), ROOT_2_OVER_PI);
        Value outer = n.mul(n.mul(x, n.sub(1, n.square(tanh))), innerSlope);
        return n.mul(n.add(n.add(tanh, 1), outer), 0.5);
    }
}
