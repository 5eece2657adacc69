package dev.tenon.kernel;

import dev.tenon.kernel.scalar.ScalarUnary;
import dev.tenon.kernel.vector.VectorUnary;
import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Acos;
import dev.tenon.op.math.Acosh;
import dev.tenon.op.math.Asin;
import dev.tenon.op.math.Asinh;
import dev.tenon.op.math.Atan;
import dev.tenon.op.math.Atanh;
import dev.tenon.op.math.BitwiseNot;
import dev.tenon.op.math.Ceil;
import dev.tenon.op.math.Celu;
import dev.tenon.op.math.Cos;
import dev.tenon.op.math.Cosh;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Floor;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Sin;
import dev.tenon.op.math.Sinh;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Softsign;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tan;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import java.util.Map;
import java.util.function.Function;

/** The tables of the operators of one number. */
final class UnaryKernels {
    /** Rough estimates of the work, picoseconds for an element. */
    private static final long CHEAP = 80;

    private static final long MATH = 400;
    private static final long PLAIN = 800;
    private static final long CALLED = 12_000;

    /** Vectors of a granule of the cheap vector loops. */
    private static final int BLOCK = 4;

    private static final DType[] FLOATS = {DType.FLOAT32, DType.FLOAT64};
    private static final DType[] SIGNED = {DType.INT64, DType.INT32, DType.INT16, DType.INT8};

    private UnaryKernels() {}

    static void addTo(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        addMoves(tables);
        addActivations(tables);
        addExponentialUnits(tables);
        addCalled(tables);
    }

    private static UnaryLoop call(ElementwiseProblem p) {
        return ScalarUnary.of((UnaryFunction) p.op(), p.dtype(0));
    }

    /** Adds plain loops that call the operator's function. */
    private static ElementwiseTable called(ElementwiseTable table, DType... types) {
        for (DType type : types) {
            table.scalar(type, type.isFloating() ? CALLED : PLAIN, UnaryKernels::call);
        }
        return table;
    }

    private static ElementwiseTable math(String name, Function<ElementwiseProblem, UnaryLoop> vector) {
        return called(ElementwiseTable.of(name).vector(DType.FLOAT32, MATH, vector::apply), FLOATS);
    }

    private static ElementwiseTable cheap(String name, Function<ElementwiseProblem, UnaryLoop> vector) {
        return called(ElementwiseTable.of(name).blocks(BLOCK).vector(DType.FLOAT32, CHEAP, vector::apply), FLOATS);
    }

    private static ElementwiseTable cheap(
            String name,
            Function<ElementwiseProblem, UnaryLoop> vector,
            Function<ElementwiseProblem, UnaryLoop> scalar) {
        ElementwiseTable table = ElementwiseTable.of(name)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, vector::apply)
                .scalar(DType.FLOAT32, PLAIN, scalar::apply);
        return called(table, DType.FLOAT64);
    }

    private static void addMoves(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(
                Abs.class,
                called(cheap("abs", p -> VectorUnary::abs, p -> ScalarUnary::abs), SIGNED)
                        .build());
        tables.put(
                Neg.class,
                called(cheap("neg", p -> VectorUnary::neg, p -> ScalarUnary::neg), SIGNED)
                        .build());
        tables.put(
                Relu.class,
                called(cheap("relu", p -> VectorUnary::relu, p -> ScalarUnary::relu), SIGNED)
                        .build());
        tables.put(
                Sqrt.class,
                cheap("sqrt", p -> VectorUnary::sqrt, p -> ScalarUnary::sqrt).build());
        tables.put(
                Reciprocal.class,
                cheap("reciprocal", p -> VectorUnary::reciprocal, p -> ScalarUnary::reciprocal)
                        .build());
        tables.put(
                LeakyRelu.class,
                cheap(
                                "leakyrelu",
                                p -> VectorUnary.leakyRelu(((LeakyRelu) p.op()).alpha()),
                                p -> ScalarUnary.leakyRelu(((LeakyRelu) p.op()).alpha()))
                        .build());
    }

    private static void addActivations(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(Exp.class, math("exp", p -> VectorUnary::exp).build());
        tables.put(Log.class, math("log", p -> VectorUnary::log).build());
        tables.put(Erf.class, math("erf", p -> VectorUnary::erf).build());
        tables.put(Tanh.class, math("tanh", p -> VectorUnary::tanh).build());
        tables.put(Sigmoid.class, math("sigmoid", p -> VectorUnary::sigmoid).build());
        tables.put(Softplus.class, math("softplus", p -> VectorUnary::softplus).build());
        tables.put(Mish.class, math("mish", p -> VectorUnary::mish).build());
        tables.put(
                Gelu.class,
                math("gelu", p -> ((Gelu) p.op()).byTanh() ? VectorUnary::geluTanh : VectorUnary::gelu)
                        .build());
        tables.put(
                Swish.class,
                math("swish", p -> VectorUnary.swish(((Swish) p.op()).alpha())).build());
        tables.put(Softsign.class, cheap("softsign", p -> VectorUnary::softsign).build());
        tables.put(
                HardSwish.class, cheap("hardswish", p -> VectorUnary::hardSwish).build());
        tables.put(
                HardSigmoid.class,
                cheap("hardsigmoid", p -> hardSigmoid((HardSigmoid) p.op())).build());
        tables.put(
                ThresholdedRelu.class,
                cheap("thresholdedrelu", p -> VectorUnary.thresholdedRelu(((ThresholdedRelu) p.op()).alpha()))
                        .build());
    }

    private static UnaryLoop hardSigmoid(HardSigmoid op) {
        return VectorUnary.hardSigmoid(op.alpha(), op.beta());
    }

    private static void addExponentialUnits(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(
                Elu.class,
                math("elu", p -> VectorUnary.exponentialUnit(1, ((Elu) p.op()).alpha(), 1))
                        .build());
        tables.put(Selu.class, math("selu", p -> selu((Selu) p.op())).build());
        // Below 0 the loop takes the exponential for the lesser of the two terms, which needs a positive alpha.
        ElementwiseTable celu = ElementwiseTable.of("celu")
                .when(p -> ((Celu) p.op()).alpha() > 0)
                .vector(DType.FLOAT32, MATH, p -> celu((Celu) p.op()))
                .when(p -> true);
        tables.put(Celu.class, called(celu, FLOATS).build());
    }

    private static UnaryLoop selu(Selu op) {
        return VectorUnary.exponentialUnit(1, op.gamma() * op.alpha(), op.gamma());
    }

    private static UnaryLoop celu(Celu op) {
        return VectorUnary.exponentialUnit(op.alpha(), op.alpha(), 1);
    }

    private static void addCalled(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(Sin.class, called(ElementwiseTable.of("sin"), FLOATS).build());
        tables.put(Cos.class, called(ElementwiseTable.of("cos"), FLOATS).build());
        tables.put(Tan.class, called(ElementwiseTable.of("tan"), FLOATS).build());
        tables.put(Asin.class, called(ElementwiseTable.of("asin"), FLOATS).build());
        tables.put(Acos.class, called(ElementwiseTable.of("acos"), FLOATS).build());
        tables.put(Atan.class, called(ElementwiseTable.of("atan"), FLOATS).build());
        tables.put(Sinh.class, called(ElementwiseTable.of("sinh"), FLOATS).build());
        tables.put(Cosh.class, called(ElementwiseTable.of("cosh"), FLOATS).build());
        tables.put(Asinh.class, called(ElementwiseTable.of("asinh"), FLOATS).build());
        tables.put(Acosh.class, called(ElementwiseTable.of("acosh"), FLOATS).build());
        tables.put(Atanh.class, called(ElementwiseTable.of("atanh"), FLOATS).build());
        tables.put(Floor.class, called(ElementwiseTable.of("floor"), FLOATS).build());
        tables.put(Ceil.class, called(ElementwiseTable.of("ceil"), FLOATS).build());
        tables.put(Round.class, called(ElementwiseTable.of("round"), FLOATS).build());
        tables.put(
                Sign.class,
                called(called(ElementwiseTable.of("sign"), FLOATS), SIGNED).build());
        tables.put(
                BitwiseNot.class,
                called(called(ElementwiseTable.of("bitwisenot"), SIGNED), DType.UINT8)
                        .build());
    }
}
