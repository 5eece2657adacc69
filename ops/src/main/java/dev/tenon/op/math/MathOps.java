package dev.tenon.op.math;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class MathOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(MathOps::list);

    private MathOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("Abs")) list.add(Abs.SCHEMA, Abs.class, Abs::of);
        if (list.asks("Neg")) list.add(Neg.SCHEMA, Neg.class, Neg::of);
        if (list.asks("Exp")) list.add(Exp.SCHEMA, Exp.class, Exp::of);
        if (list.asks("Log")) list.add(Log.SCHEMA, Log.class, Log::of);
        if (list.asks("Sqrt")) list.add(Sqrt.SCHEMA, Sqrt.class, Sqrt::of);
        if (list.asks("Reciprocal")) list.add(Reciprocal.SCHEMA, Reciprocal.class, Reciprocal::of);
        if (list.asks("Erf")) list.add(Erf.SCHEMA, Erf.class, Erf::of);
        if (list.asks("Tanh")) list.add(Tanh.SCHEMA, Tanh.class, Tanh::of);
        if (list.asks("Sigmoid")) list.add(Sigmoid.SCHEMA, Sigmoid.class, Sigmoid::of);
        if (list.asks("Relu")) list.add(Relu.SCHEMA, Relu.class, Relu::of);
        if (list.asks("LeakyRelu")) list.add(LeakyRelu.SCHEMA, LeakyRelu.class, LeakyRelu::of);
        if (list.asks("Elu")) list.add(Elu.SCHEMA, Elu.class, Elu::of);
        if (list.asks("Selu")) list.add(Selu.SCHEMA, Selu.class, Selu::of);
        if (list.asks("Celu")) list.add(Celu.SCHEMA, Celu.class, Celu::of);
        if (list.asks("HardSigmoid")) list.add(HardSigmoid.SCHEMA, HardSigmoid.class, HardSigmoid::of);
        if (list.asks("HardSwish")) list.add(HardSwish.SCHEMA, HardSwish.class, HardSwish::of);
        if (list.asks("Shrink")) list.add(Shrink.SCHEMA, Shrink.class, Shrink::of);
        if (list.asks("Softplus")) list.add(Softplus.SCHEMA, Softplus.class, Softplus::of);
        if (list.asks("Softsign")) list.add(Softsign.SCHEMA, Softsign.class, Softsign::of);
        if (list.asks("ThresholdedRelu")) list.add(ThresholdedRelu.SCHEMA, ThresholdedRelu.class, ThresholdedRelu::of);
        if (list.asks("Gelu")) list.add(Gelu.SCHEMA, Gelu.class, Gelu::of);
        if (list.asks("Mish")) list.add(Mish.SCHEMA, Mish.class, Mish::of);
        if (list.asks("Swish")) list.add(Swish.SCHEMA, Swish.class, Swish::of);
        if (list.asks("PRelu")) list.add(PRelu.SCHEMA, PRelu.class, PRelu::of);
        if (list.asks("Clip")) list.add(Clip.SCHEMA, Clip.class, Clip::of);
        if (list.asks("Sin")) list.add(Sin.SCHEMA, Sin.class, Sin::of);
        if (list.asks("Cos")) list.add(Cos.SCHEMA, Cos.class, Cos::of);
        if (list.asks("Tan")) list.add(Tan.SCHEMA, Tan.class, Tan::of);
        if (list.asks("Asin")) list.add(Asin.SCHEMA, Asin.class, Asin::of);
        if (list.asks("Acos")) list.add(Acos.SCHEMA, Acos.class, Acos::of);
        if (list.asks("Atan")) list.add(Atan.SCHEMA, Atan.class, Atan::of);
        if (list.asks("Sinh")) list.add(Sinh.SCHEMA, Sinh.class, Sinh::of);
        if (list.asks("Cosh")) list.add(Cosh.SCHEMA, Cosh.class, Cosh::of);
        if (list.asks("Asinh")) list.add(Asinh.SCHEMA, Asinh.class, Asinh::of);
        if (list.asks("Acosh")) list.add(Acosh.SCHEMA, Acosh.class, Acosh::of);
        if (list.asks("Atanh")) list.add(Atanh.SCHEMA, Atanh.class, Atanh::of);
        if (list.asks("Floor")) list.add(Floor.SCHEMA, Floor.class, Floor::of);
        if (list.asks("Ceil")) list.add(Ceil.SCHEMA, Ceil.class, Ceil::of);
        if (list.asks("Round")) list.add(Round.SCHEMA, Round.class, Round::of);
        if (list.asks("Sign")) list.add(Sign.SCHEMA, Sign.class, Sign::of);
        if (list.asks("Not")) list.add(Not.SCHEMA, Not.class, Not::of);
        if (list.asks("BitwiseNot")) list.add(BitwiseNot.SCHEMA, BitwiseNot.class, BitwiseNot::of);
        if (list.asks("IsNaN")) list.add(IsNaN.SCHEMA, IsNaN.class, IsNaN::of);
        if (list.asks("IsInf")) list.add(IsInf.SCHEMA, IsInf.class, IsInf::of);
        if (list.asks("Add")) list.add(Add.SCHEMA, Add.class, Add::of);
        if (list.asks("Sub")) list.add(Sub.SCHEMA, Sub.class, Sub::of);
        if (list.asks("Mul")) list.add(Mul.SCHEMA, Mul.class, Mul::of);
        if (list.asks("Div")) list.add(Div.SCHEMA, Div.class, Div::of);
        if (list.asks("Pow")) list.add(Pow.SCHEMA, Pow.class, Pow::of);
        if (list.asks("Mod")) list.add(Mod.SCHEMA, Mod.class, Mod::of);
        if (list.asks("Min")) list.add(Min.SCHEMA, Min.class, Min::of);
        if (list.asks("Max")) list.add(Max.SCHEMA, Max.class, Max::of);
        if (list.asks("Sum")) list.add(Sum.SCHEMA, Sum.class, Sum::of);
        if (list.asks("Mean")) list.add(Mean.SCHEMA, Mean.class, Mean::of);
        if (list.asks("And")) list.add(And.SCHEMA, And.class, And::of);
        if (list.asks("Or")) list.add(Or.SCHEMA, Or.class, Or::of);
        if (list.asks("Xor")) list.add(Xor.SCHEMA, Xor.class, Xor::of);
        if (list.asks("BitwiseAnd")) list.add(BitwiseAnd.SCHEMA, BitwiseAnd.class, BitwiseAnd::of);
        if (list.asks("BitwiseOr")) list.add(BitwiseOr.SCHEMA, BitwiseOr.class, BitwiseOr::of);
        if (list.asks("BitwiseXor")) list.add(BitwiseXor.SCHEMA, BitwiseXor.class, BitwiseXor::of);
        if (list.asks("BitShift")) list.add(BitShift.SCHEMA, BitShift.class, BitShift::of);
        if (list.asks("Equal")) list.add(Equal.SCHEMA, Equal.class, Equal::of);
        if (list.asks("Greater")) list.add(Greater.SCHEMA, Greater.class, Greater::of);
        if (list.asks("Less")) list.add(Less.SCHEMA, Less.class, Less::of);
        if (list.asks("GreaterOrEqual")) list.add(GreaterOrEqual.SCHEMA, GreaterOrEqual.class, GreaterOrEqual::of);
        if (list.asks("LessOrEqual")) list.add(LessOrEqual.SCHEMA, LessOrEqual.class, LessOrEqual::of);
        if (list.asks("Where")) list.add(Where.SCHEMA, Where.class, Where::of);
        if (list.asks("Cast")) list.add(Cast.SCHEMA, Cast.class, Cast::of);
        if (list.asks("CastLike")) list.add(CastLike.SCHEMA, CastLike.class, CastLike::of);
    }
}
