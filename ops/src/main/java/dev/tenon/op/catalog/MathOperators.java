package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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

/** Element-wise operators. */
public final class MathOperators {
    private static final OpSet SET = OpSet.byName(
                    Domains.MAIN,
                    MathOperators::logicOrActivation,
                    "Sigmoid",
                    "Relu",
                    "LeakyRelu",
                    "PRelu",
                    "ThresholdedRelu",
                    "Elu",
                    "Selu",
                    "Celu",
                    "Gelu",
                    "Mish",
                    "Swish",
                    "HardSigmoid",
                    "HardSwish",
                    "Softplus",
                    "Softsign",
                    "Shrink",
                    "Clip",
                    "Not",
                    "And",
                    "Or",
                    "Xor",
                    "Equal",
                    "Greater",
                    "Less",
                    "GreaterOrEqual",
                    "LessOrEqual",
                    "IsNaN",
                    "IsInf",
                    "Where",
                    "BitwiseNot",
                    "BitwiseAnd",
                    "BitwiseOr",
                    "BitwiseXor",
                    "BitShift")
            .plus(OpSet.byName(
                    Domains.MAIN,
                    MathOperators::arithmetic,
                    "Add",
                    "Sub",
                    "Mul",
                    "Div",
                    "Pow",
                    "Mod",
                    "Min",
                    "Max",
                    "Sum",
                    "Mean",
                    "Cast",
                    "CastLike",
                    "Abs",
                    "Neg",
                    "Sign",
                    "Floor",
                    "Ceil",
                    "Round",
                    "Reciprocal",
                    "Sqrt",
                    "Exp",
                    "Log",
                    "Erf",
                    "Tanh",
                    "Sin",
                    "Cos",
                    "Tan",
                    "Asin",
                    "Acos",
                    "Atan",
                    "Sinh",
                    "Cosh",
                    "Asinh",
                    "Acosh",
                    "Atanh"));

    private MathOperators() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    /** Arithmetic, and functions of one number. */
    private static OpDefinition<?> arithmetic(String name) {
        return switch (name) {
            case "Add" -> op(new Add());
            case "Sub" -> op(new Sub());
            case "Mul" -> op(new Mul());
            case "Div" -> op(new Div());
            case "Pow" -> op(new Pow());
            case "Mod" -> op(Mod.SCHEMA, Mod.class, Mod::of);
            case "Min" -> op(new Min());
            case "Max" -> op(new Max());
            case "Sum" -> op(new Sum());
            case "Mean" -> op(new Mean());
            case "Cast" -> op(Cast.SCHEMA, Cast.class, Cast::of);
            case "CastLike" -> op(CastLike.SCHEMA, CastLike.class, CastLike::of);
            case "Abs" -> op(new Abs());
            case "Neg" -> op(new Neg());
            case "Sign" -> op(new Sign());
            case "Floor" -> op(new Floor());
            case "Ceil" -> op(new Ceil());
            case "Round" -> op(new Round());
            case "Reciprocal" -> op(new Reciprocal());
            case "Sqrt" -> op(new Sqrt());
            case "Exp" -> op(new Exp());
            case "Log" -> op(new Log());
            case "Erf" -> op(new Erf());
            case "Tanh" -> op(new Tanh());
            case "Sin" -> op(new Sin());
            case "Cos" -> op(new Cos());
            case "Tan" -> op(new Tan());
            case "Asin" -> op(new Asin());
            case "Acos" -> op(new Acos());
            case "Atan" -> op(new Atan());
            case "Sinh" -> op(new Sinh());
            case "Cosh" -> op(new Cosh());
            case "Asinh" -> op(new Asinh());
            case "Acosh" -> op(new Acosh());
            case "Atanh" -> op(new Atanh());
            default -> null;
        };
    }

    /** Activations, and operators on booleans and bits. */
    private static OpDefinition<?> logicOrActivation(String name) {
        return switch (name) {
            case "Sigmoid" -> op(new Sigmoid());
            case "Relu" -> op(new Relu());
            case "LeakyRelu" -> op(LeakyRelu.SCHEMA, LeakyRelu.class, LeakyRelu::of);
            case "PRelu" -> op(new PRelu());
            case "ThresholdedRelu" -> op(ThresholdedRelu.SCHEMA, ThresholdedRelu.class, ThresholdedRelu::of);
            case "Elu" -> op(Elu.SCHEMA, Elu.class, Elu::of);
            case "Selu" -> op(Selu.SCHEMA, Selu.class, Selu::of);
            case "Celu" -> op(Celu.SCHEMA, Celu.class, Celu::of);
            case "Gelu" -> op(Gelu.SCHEMA, Gelu.class, Gelu::of);
            case "Mish" -> op(new Mish());
            case "Swish" -> op(Swish.SCHEMA, Swish.class, Swish::of);
            case "HardSigmoid" -> op(HardSigmoid.SCHEMA, HardSigmoid.class, HardSigmoid::of);
            case "HardSwish" -> op(new HardSwish());
            case "Softplus" -> op(new Softplus());
            case "Softsign" -> op(new Softsign());
            case "Shrink" -> op(Shrink.SCHEMA, Shrink.class, Shrink::of);
            case "Clip" -> op(new Clip());
            case "Not" -> op(new Not());
            case "And" -> op(new And());
            case "Or" -> op(new Or());
            case "Xor" -> op(new Xor());
            case "Equal" -> op(new Equal());
            case "Greater" -> op(new Greater());
            case "Less" -> op(new Less());
            case "GreaterOrEqual" -> op(new GreaterOrEqual());
            case "LessOrEqual" -> op(new LessOrEqual());
            case "IsNaN" -> op(new IsNaN());
            case "IsInf" -> op(IsInf.SCHEMA, IsInf.class, IsInf::of);
            case "Where" -> op(new Where());
            case "BitwiseNot" -> op(new BitwiseNot());
            case "BitwiseAnd" -> op(new BitwiseAnd());
            case "BitwiseOr" -> op(new BitwiseOr());
            case "BitwiseXor" -> op(new BitwiseXor());
            case "BitShift" -> op(BitShift.SCHEMA, BitShift.class, BitShift::of);
            default -> null;
        };
    }
}
