package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Acos;
import dev.tenon.op.math.Acosh;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Asin;
import dev.tenon.op.math.Asinh;
import dev.tenon.op.math.Atan;
import dev.tenon.op.math.Atanh;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Cos;
import dev.tenon.op.math.Cosh;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mod;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Sin;
import dev.tenon.op.math.Sinh;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Tan;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.Where;

/** Gradients of arithmetic and of functions of one number. Operands that are broadcast get sums. */
final class ElementwiseGradients {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

    private ElementwiseGradients() {}

    static void addTo(GradientTable t) {
        addArithmetic(t);
        addChoices(t);
        addFunctions(t);
    }

    private static void addArithmetic(GradientTable t) {
        t.rule(Add.class, (op, n) -> {
            n.give(0, n::dy);
            n.give(1, n::dy);
        });
        t.rule(Sub.class, (op, n) -> {
            n.give(0, n::dy);
            n.give(1, () -> n.neg(n.sumTo(n.dy(), n.dims(1))));
        });
        t.rule(Mul.class, (op, n) -> {
            n.give(0, () -> n.mul(n.dy(), n.in(1)));
            n.give(1, () -> n.mul(n.dy(), n.in(0)));
        });
        t.rule(Div.class, (op, n) -> {
            n.give(0, () -> n.div(n.dy(), n.in(1)));
            n.give(1, () -> n.neg(n.div(n.mul(n.dy(), n.y()), n.in(1))));
        });
        t.rule(Pow.class, (op, n) -> power(n));
        // The result is the dividend less a whole number of divisors, and that number is a step function.
        t.rule(Mod.class, (op, n) -> {
            n.give(0, n::dy);
            n.give(1, () -> n.mul(n.dy(), n.div(n.sub(n.y(), n.in(0)), n.in(1))));
        });
        t.rule(Sum.class, (op, n) -> shares(n, 1));
        t.rule(Mean.class, (op, n) -> shares(n, 1.0 / n.count()));
        t.rule(Cast.class, (op, n) -> n.give(0, n::dy));
        t.rule(CastLike.class, (op, n) -> n.give(0, n::dy));
    }

    private static void shares(NodeGradient n, double factor) {
        for (int i = 0; i < n.count(); i++) {
            n.give(i, () -> n.mul(n.dy(), factor));
        }
    }

    /** {@code d/dx x^e = e x^(e-1)}, without a division where x is 0, and {@code d/de x^e = x^e ln x} where x is positive. */
    private static void power(NodeGradient n) {
        Value x = n.in(0);
        Value e = n.cast(n.in(1), Formulas.dtype(x));
        boolean known = n.in(1).isConstant() && n.in(1).constant().size() == 1;
        double exponent = known ? n.in(1).constant().getDouble(0) : 0;
        n.give(0, () -> {
            if (known && exponent == 2) {
                return n.mul(n.dy(), n.mul(x, 2));
            }
            Value slope = n.mul(e, n.make(new Pow(), x, n.add(e, -1)));
            return n.mul(n.dy(), known && exponent != 0 ? slope : n.masked(nonZero(n, e), slope));
        });
        n.give(1, () -> n.masked(n.compare(new Greater(), x, 0), n.mul(n.dy(), n.mul(n.y(), n.make(new Log(), x)))));
    }

    private static Value nonZero(NodeGradient n, Value e) {
        return n.compare(new Greater(), n.abs(e), 0);
    }

    private static void addChoices(GradientTable t) {
        t.rule(Where.class, (op, n) -> {
            n.give(1, () -> n.masked(n.in(0), n.dy()));
            n.give(2, () -> n.where(n.in(0), n.number(n.dy(), 0), n.dy()));
        });
        t.rule(Max.class, (op, n) -> extreme(n));
        t.rule(Min.class, (op, n) -> extreme(n));
        t.rule(Clip.class, (op, n) -> {
            n.give(0, () -> n.masked(n.make(new Equal(), n.x(), n.y()), n.dy()));
            // The upper bound comes last: a lower one that is larger has no influence.
            n.give(
                    1,
                    () -> n.masked(
                            n.make(new And(), n.make(new Less(), n.x(), n.in(1)), n.make(new Equal(), n.y(), n.in(1))),
                            n.dy()));
            n.give(2, () -> {
                Value raised = n.has(1) ? n.make(new Max(), n.x(), n.in(1)) : n.x();
                return n.masked(n.make(new Greater(), raised, n.in(2)), n.dy());
            });
        });
        t.rule(PRelu.class, (op, n) -> {
            n.give(0, () -> n.where(n.compare(new Less(), n.x(), 0), n.mul(n.dy(), n.in(1)), n.dy()));
            n.give(1, () -> n.masked(n.compare(new Less(), n.x(), 0), n.mul(n.dy(), n.x())));
        });
    }

    /** The gradient goes to the operand that the result is equal to; of several, to the first one. */
    private static void extreme(NodeGradient n) {
        Value rest = n.dy();
        for (int i = 0; i < n.count(); i++) {
            Value chosen = n.make(new Equal(), n.in(i), n.y());
            Value left = rest;
            n.give(i, () -> n.masked(chosen, left));
            rest = n.where(chosen, n.number(rest, 0), rest);
        }
    }

    private static void addFunctions(GradientTable t) {
        t.slope(Abs.class, (op, n) -> n.make(new Sign(), n.x()));
        t.rule(Neg.class, (op, n) -> n.give(0, () -> n.neg(n.dy())));
        t.slope(Reciprocal.class, (op, n) -> n.neg(n.square(n.y())));
        t.slope(Sqrt.class, (op, n) -> n.div(0.5, n.y()));
        t.slope(Exp.class, (op, n) -> n.y());
        t.rule(Log.class, (op, n) -> n.give(0, () -> n.div(n.dy(), n.x())));
        t.slope(Erf.class, (op, n) -> n.mul(n.exp(n.neg(n.square(n.x()))), TWO_OVER_ROOT_PI));
        t.slope(Sin.class, (op, n) -> n.make(new Cos(), n.x()));
        t.slope(Cos.class, (op, n) -> n.neg(n.make(new Sin(), n.x())));
        t.slope(Tan.class, (op, n) -> n.add(n.square(n.y()), 1));
        t.slope(Asin.class, (op, n) -> n.div(1, n.sqrt(n.sub(1, n.square(n.x())))));
        t.slope(Acos.class, (op, n) -> n.div(-1, n.sqrt(n.sub(1, n.square(n.x())))));
        t.slope(Atan.class, (op, n) -> n.div(1, n.add(n.square(n.x()), 1)));
        t.slope(Sinh.class, (op, n) -> n.make(new Cosh(), n.x()));
        t.slope(Cosh.class, (op, n) -> n.make(new Sinh(), n.x()));
        t.slope(Tanh.class, (op, n) -> n.sub(1, n.square(n.y())));
        t.slope(Asinh.class, (op, n) -> n.div(1, n.sqrt(n.add(n.square(n.x()), 1))));
        t.slope(Acosh.class, (op, n) -> n.div(1, n.sqrt(n.add(n.square(n.x()), -1))));
        t.slope(Atanh.class, (op, n) -> n.div(1, n.sub(1, n.square(n.x()))));
    }
}
