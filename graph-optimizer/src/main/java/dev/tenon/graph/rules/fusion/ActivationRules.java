package dev.tenon.graph.rules.fusion;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.near;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.product;
import static dev.tenon.graph.rewrite.Pattern.scalar;
import static dev.tenon.graph.rewrite.Pattern.sum;

import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.tensor.DType;

/** Finds activations that exporters write as several operators. */
public final class ActivationRules {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBE = 0.044715;
    static final double SIXTH = 1.0 / 6;
    private static final double HALF = 0.5;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "gelu-erf",
                            product(
                                    HALF,
                                    any("x"),
                                    sum(
                                            1,
                                            op(Erf.class, product(Math.sqrt(HALF), any("x")))
                                                    .once())),
                            (m, to) -> to.add(new Gelu("none"), m.value("x")))
                    .rounding()
                    .making(Gelu.class),
            Rule.of(
                            "gelu-tanh",
                            product(
                                    HALF,
                                    any("x"),
                                    sum(1, op(Tanh.class, cubic(SQRT_2_OVER_PI)).once())),
                            (m, to) -> to.add(new Gelu("tanh"), m.value("x")))
                    .rounding()
                    .making(Gelu.class),
            Rule.of(
                            "gelu-sigmoid",
                            product(
                                    1,
                                    any("x"),
                                    op(Sigmoid.class, cubic(2 * SQRT_2_OVER_PI)).once()),
                            (m, to) -> to.add(new Gelu("tanh"), m.value("x")))
                    .rounding()
                    .making(Gelu.class),
            Rule.of(
                            "silu",
                            either(
                                    op(
                                            Mul.class,
                                            any("x"),
                                            op(Sigmoid.class, any("x")).once()),
                                    op(
                                            Div.class,
                                            any("x"),
                                            sum(
                                                    1,
                                                    op(
                                                                    Exp.class,
                                                                    op(Neg.class, any("x"))
                                                                            .once())
                                                            .once()))),
                            (m, to) -> to.add(new Swish(1), m.value("x")))
                    .rounding()
                    .making(Swish.class),
            Rule.of(
                            "swish",
                            op(
                                    Mul.class,
                                    any("x"),
                                    op(
                                                    Sigmoid.class,
                                                    op(Mul.class, any("x"), scalar("alpha"))
                                                            .once())
                                            .once()),
                            (m, to) -> to.add(new Swish((float) m.number("alpha")), m.value("x")))
                    .unless(ActivationRules::alphaReason)
                    .rounding()
                    .making(Swish.class),
            Rule.of(
                            "hard-sigmoid",
                            either(
                                    product(SIXTH, clipped(sum(3, any("x")), 6, null)),
                                    clipped(product(SIXTH, sum(3, any("x"))), 1, null),
                                    clipped(sum(HALF, product(SIXTH, any("x"))), 1, null)),
                            (m, to) -> to.add(new HardSigmoid((float) SIXTH, (float) HALF), m.value("x")))
                    .unless(m -> isDouble(m) ? "a sixth is no f32" : null)
                    .rounding()
                    .making(HardSigmoid.class),
            Rule.of(
                            "hard-swish",
                            either(
                                    product(SIXTH, any("x"), clipped(sum(3, any("x")), 6, null)),
                                    op(
                                            Mul.class,
                                            any("x"),
                                            op(HardSigmoid.class, any("x"))
                                                    .once()
                                                    .where(ActivationRules::isSixth))),
                            (m, to) -> to.add(new HardSwish(), m.value("x")))
                    .rounding()
                    .making(HardSwish.class),
            Rule.of(
                            "mish",
                            op(
                                    Mul.class,
                                    any("x"),
                                    op(
                                                    Tanh.class,
                                                    either(
                                                            op(Softplus.class, any("x"))
                                                                    .once(),
                                                            op(
                                                                            Log.class,
                                                                            sum(
                                                                                    1,
                                                                                    op(Exp.class, any("x"))
                                                                                            .once()))
                                                                    .once()))
                                            .once()),
                            (m, to) -> to.add(new Mish(), m.value("x")))
                    .rounding()
                    .making(Mish.class));

    private ActivationRules() {}

    private static boolean isDouble(Match m) {
        return m.value("x").tensorType().dtype() == DType.FLOAT64;
    }

    private static String alphaReason(Match m) {
        double alpha = m.number("alpha");
        if (!Shapes.of(m.value("x")).hasRank() && m.constant("alpha").rank() > 0) {
            return "the rank is not known, and the factor has dimensions";
        }
        return (float) alpha != alpha ? "the factor " + alpha + " is no f32" : null;
    }

    /** {@code c (x + 0.044715 x^3)}, with the factor c outside of the sum or in its terms. */
    private static Pattern cubic(double c) {
        Pattern x = any("x");
        return either(
                product(c, sum(0, x, cube(CUBE))),
                product(c, x, sum(1, square(CUBE))),
                product(1, x, sum(c, square(c * CUBE))),
                sum(0, product(c, x), cube(c * CUBE)));
    }

    private static Pattern cube(double c) {
        return either(
                product(c, any("x"), any("x"), any("x")),
                product(c, op(Pow.class, any("x"), near(3)).once()));
    }

    private static Pattern square(double c) {
        return either(
                product(c, any("x"), any("x")),
                product(c, op(Pow.class, any("x"), near(2)).once()));
    }

    /** A value clipped to [0, high] and used only once, bound to a name unless the name is null. */
    static Pattern clipped(Pattern x, double high, String name) {
        return either(
                op(Clip.class, x, scalar(0), near(high)).as(name).once(),
                op(Min.class, op(Relu.class, x).once(), near(high)).as(name).once(),
                op(Min.class, op(Max.class, x, scalar(0)).once(), near(high))
                        .as(name)
                        .once());
    }

    private static boolean isSixth(Node n) {
        HardSigmoid h = (HardSigmoid) n.op();
        DType type = n.output().tensorType().dtype();
        return Constants.isNear(h.alpha(), SIXTH, type) && Constants.isNear(h.beta(), HALF, type);
    }
}
