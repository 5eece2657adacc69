package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Acos;
import dev.tenon.op.math.Acosh;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Asin;
import dev.tenon.op.math.Asinh;
import dev.tenon.op.math.Atan;
import dev.tenon.op.math.Atanh;
import dev.tenon.op.math.BitShift;
import dev.tenon.op.math.BitwiseAnd;
import dev.tenon.op.math.BitwiseNot;
import dev.tenon.op.math.BitwiseOr;
import dev.tenon.op.math.BitwiseXor;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Ceil;
import dev.tenon.op.math.Celu;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Cos;
import dev.tenon.op.math.Cosh;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Floor;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.GreaterOrEqual;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.IsInf;
import dev.tenon.op.math.IsNaN;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.LessOrEqual;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Mod;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.Or;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Shrink;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Sin;
import dev.tenon.op.math.Sinh;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Softsign;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tan;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.math.Where;
import dev.tenon.op.math.Xor;

/**
 * Element-wise operators. Each group is made when a look-up reaches it. A union is searched from its end, so groups that
 * most models have come last.
 */
public final class MathOperators {
    private static final OpSet COMMON = OpSet.lazy(Domains.MAIN, MathOperators::functions)
            .plus(OpSet.lazy(Domains.MAIN, MathOperators::casts))
            .plus(OpSet.lazy(Domains.MAIN, MathOperators::arithmetic));

    private static final OpSet OTHERS = OpSet.lazy(Domains.MAIN, MathOperators::trigonometry)
            .plus(OpSet.lazy(Domains.MAIN, MathOperators::bits))
            .plus(OpSet.lazy(Domains.MAIN, MathOperators::logic))
            .plus(OpSet.lazy(Domains.MAIN, MathOperators::activations));

    private static final OpSet SET = OTHERS.plus(COMMON);

    private MathOperators() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    /** Those that most models have. */
    static OpSet common() {
        return COMMON;
    }

    /** All but {@link #common}. */
    static OpSet others() {
        return OTHERS;
    }

    private static OpSet functions() {
        return OpSet.of(
                op(new Abs()),
                op(new Neg()),
                op(new Sign()),
                op(new Floor()),
                op(new Ceil()),
                op(new Round()),
                op(new Reciprocal()),
                op(new Sqrt()),
                op(new Exp()),
                op(new Log()),
                op(new Erf()),
                op(new Tanh()));
    }

    private static OpSet trigonometry() {
        return OpSet.of(
                op(new Sin()),
                op(new Cos()),
                op(new Tan()),
                op(new Asin()),
                op(new Acos()),
                op(new Atan()),
                op(new Sinh()),
                op(new Cosh()),
                op(new Asinh()),
                op(new Acosh()),
                op(new Atanh()));
    }

    private static OpSet activations() {
        return OpSet.of(
                op(new Sigmoid()),
                op(new Relu()),
                op(LeakyRelu.SCHEMA, LeakyRelu.class, LeakyRelu::of),
                op(new PRelu()),
                op(ThresholdedRelu.SCHEMA, ThresholdedRelu.class, ThresholdedRelu::of),
                op(Elu.SCHEMA, Elu.class, Elu::of),
                op(Selu.SCHEMA, Selu.class, Selu::of),
                op(Celu.SCHEMA, Celu.class, Celu::of),
                op(Gelu.SCHEMA, Gelu.class, Gelu::of),
                op(new Mish()),
                op(Swish.SCHEMA, Swish.class, Swish::of),
                op(HardSigmoid.SCHEMA, HardSigmoid.class, HardSigmoid::of),
                op(new HardSwish()),
                op(new Softplus()),
                op(new Softsign()),
                op(Shrink.SCHEMA, Shrink.class, Shrink::of),
                op(new Clip()));
    }

    private static OpSet arithmetic() {
        return OpSet.of(
                op(new Add()),
                op(new Sub()),
                op(new Mul()),
                op(new Div()),
                op(new Pow()),
                op(Mod.SCHEMA, Mod.class, Mod::of),
                op(new Min()),
                op(new Max()),
                op(new Sum()),
                op(new Mean()));
    }

    private static OpSet logic() {
        return OpSet.of(
                op(new Not()),
                op(new And()),
                op(new Or()),
                op(new Xor()),
                op(new Equal()),
                op(new Greater()),
                op(new Less()),
                op(new GreaterOrEqual()),
                op(new LessOrEqual()),
                op(new IsNaN()),
                op(IsInf.SCHEMA, IsInf.class, IsInf::of),
                op(new Where()));
    }

    private static OpSet bits() {
        return OpSet.of(
                op(new BitwiseNot()),
                op(new BitwiseAnd()),
                op(new BitwiseOr()),
                op(new BitwiseXor()),
                op(BitShift.SCHEMA, BitShift.class, BitShift::of));
    }

    private static OpSet casts() {
        return OpSet.of(op(Cast.SCHEMA, Cast.class, Cast::of), op(CastLike.SCHEMA, CastLike.class, CastLike::of));
    }
}
