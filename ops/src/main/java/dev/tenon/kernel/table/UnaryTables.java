package dev.tenon.kernel.table;

import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.UnaryCode;
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
import dev.tenon.op.math.Shrink;
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
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** The tables of the element-wise operators of one number. */
final class UnaryTables {
    // Estimates of the work, picoseconds for an element.

    /** A vector loop of a few instructions. */
    private static final long CHEAP = 80;

    /** A vector loop of a transcendental function. */
    private static final long MATH = 400;

    /** A scalar loop of a few instructions. */
    private static final long SCALAR = 800;

    /** A scalar loop that calls the operator's own function, in double. */
    private static final long CALLED = 12_000;

    /** Vectors of a granule of the cheap vector loops. */
    private static final int VECTORS = 4;

    private static final DType[] FLOATS = {DType.FLOAT32, DType.FLOAT64};
    private static final DType[] SIGNED = {DType.INT64, DType.INT32, DType.INT16, DType.INT8};

    private UnaryTables() {}

    /** Adds arithmetic, and the functions that activations are made of. */
    static void addArithmetic(Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> tables) {
        tables.put(Abs.class, () -> called(cheap("abs", p -> VectorUnary::abs, p -> ScalarUnary::abs), SIGNED));
        tables.put(Neg.class, () -> called(cheap("neg", p -> VectorUnary::neg, p -> ScalarUnary::neg), SIGNED));
        tables.put(Round.class, () -> cheap("round", p -> VectorUnary::round));
        tables.put(Sqrt.class, () -> cheap("sqrt", UnaryCode.SQRT, p -> VectorUnary::sqrt, p -> ScalarUnary::sqrt));
        tables.put(
                Reciprocal.class,
                () -> cheap("reciprocal", p -> VectorUnary::reciprocal, p -> ScalarUnary::reciprocal));
        tables.put(Exp.class, () -> math("exp", UnaryCode.EXP, p -> VectorUnary::exp));
        tables.put(Log.class, () -> math("log", UnaryCode.LOG, p -> VectorUnary::log));
        tables.put(Erf.class, () -> math("erf", UnaryCode.ERF, p -> VectorUnary::erf));
        tables.put(Tanh.class, () -> math("tanh", UnaryCode.TANH, p -> VectorUnary::tanh));
    }

    /** Adds the activations. */
    static void addActivations(Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> tables) {
        tables.put(
                Relu.class,
                () -> called(cheap("relu", UnaryCode.RELU, p -> VectorUnary::relu, p -> ScalarUnary::relu), SIGNED));
        tables.put(
                LeakyRelu.class,
                () -> cheap(
                        "leakyrelu",
                        (p, bits) -> AssembledLoops.unary(UnaryCode.LEAKY_RELU, bits, ((LeakyRelu) p.op()).alpha()),
                        p -> VectorUnary.leakyRelu(((LeakyRelu) p.op()).alpha()),
                        p -> ScalarUnary.leakyRelu(((LeakyRelu) p.op()).alpha())));
        tables.put(
                ThresholdedRelu.class,
                () -> cheap("thresholdedrelu", p -> VectorUnary.thresholdedRelu(((ThresholdedRelu) p.op()).alpha())));
        tables.put(
                Softsign.class,
                () -> called(
                        ElementwiseTableBuilder.of("softsign")
                                .blocks(VECTORS)
                                .approximate()
                                .vector(DType.FLOAT32, CHEAP, p -> (UnaryLoop) VectorUnary::softsign),
                        FLOATS));
        tables.put(HardSwish.class, () -> cheap("hardswish", code(UnaryCode.HARD_SWISH), p -> VectorUnary::hardSwish));
        tables.put(
                HardSigmoid.class,
                () -> cheap(
                        "hardsigmoid",
                        (p, bits) -> AssembledLoops.unary(
                                UnaryCode.HARD_SIGMOID,
                                bits,
                                ((HardSigmoid) p.op()).alpha(),
                                ((HardSigmoid) p.op()).beta()),
                        p -> hardSigmoid((HardSigmoid) p.op())));
        tables.put(Sigmoid.class, () -> math("sigmoid", UnaryCode.SIGMOID, p -> VectorUnary::sigmoid));
        tables.put(Softplus.class, () -> math("softplus", p -> VectorUnary::softplus));
        tables.put(Mish.class, () -> math("mish", p -> VectorUnary::mish));
        tables.put(
                Gelu.class,
                () -> math(
                        "gelu",
                        (p, bits) -> AssembledLoops.unary(
                                ((Gelu) p.op()).byTanh() ? UnaryCode.GELU_TANH : UnaryCode.GELU, bits, 0),
                        p -> ((Gelu) p.op()).byTanh() ? VectorUnary::geluTanh : VectorUnary::gelu));
        tables.put(
                Swish.class,
                () -> math(
                        "swish",
                        (p, bits) -> AssembledLoops.unary(UnaryCode.SWISH, bits, ((Swish) p.op()).alpha()),
                        p -> VectorUnary.swish(((Swish) p.op()).alpha())));
        tables.put(Elu.class, () -> math("elu", p -> VectorUnary.exponentialUnit(1, ((Elu) p.op()).alpha(), 1)));
        tables.put(Selu.class, () -> math("selu", p -> selu((Selu) p.op())));
        tables.put(Celu.class, UnaryTables::celu);
    }

    /** Adds operators without vector loops. */
    static void addScalar(Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> tables) {
        tables.put(Sin.class, () -> called(ElementwiseTableBuilder.of("sin"), FLOATS));
        tables.put(Cos.class, () -> called(ElementwiseTableBuilder.of("cos"), FLOATS));
        tables.put(Tan.class, () -> called(ElementwiseTableBuilder.of("tan"), FLOATS));
        tables.put(Asin.class, () -> called(ElementwiseTableBuilder.of("asin"), FLOATS));
        tables.put(Acos.class, () -> called(ElementwiseTableBuilder.of("acos"), FLOATS));
        tables.put(Atan.class, () -> called(ElementwiseTableBuilder.of("atan"), FLOATS));
        tables.put(Sinh.class, () -> called(ElementwiseTableBuilder.of("sinh"), FLOATS));
        tables.put(Cosh.class, () -> called(ElementwiseTableBuilder.of("cosh"), FLOATS));
        tables.put(Asinh.class, () -> called(ElementwiseTableBuilder.of("asinh"), FLOATS));
        tables.put(Acosh.class, () -> called(ElementwiseTableBuilder.of("acosh"), FLOATS));
        tables.put(Atanh.class, () -> called(ElementwiseTableBuilder.of("atanh"), FLOATS));
        tables.put(Floor.class, () -> called(ElementwiseTableBuilder.of("floor"), FLOATS));
        tables.put(Ceil.class, () -> called(ElementwiseTableBuilder.of("ceil"), FLOATS));
        tables.put(Shrink.class, () -> called(called(ElementwiseTableBuilder.of("shrink"), FLOATS), SIGNED));
        tables.put(Sign.class, () -> called(called(ElementwiseTableBuilder.of("sign"), FLOATS), SIGNED));
        tables.put(
                BitwiseNot.class, () -> called(called(ElementwiseTableBuilder.of("bitwisenot"), SIGNED), DType.UINT8));
    }

    private static UnaryLoop call(ElementwiseProblem p) {
        return ScalarUnary.of((UnaryFunction) p.op(), p.dtype(0));
    }

    /** Adds scalar loops that call the operator's function. */
    private static ElementwiseTableBuilder called(ElementwiseTableBuilder table, DType... types) {
        for (DType type : types) {
            table.scalar(type, type.isFloating() ? CALLED : SCALAR, UnaryTables::call);
        }
        return table;
    }

    private static ElementwiseTableBuilder math(String name, Function<ElementwiseProblem, UnaryLoop> vector) {
        return called(ElementwiseTableBuilder.of(name).approximate().vector(DType.FLOAT32, MATH, vector), FLOATS);
    }

    private static BiFunction<ElementwiseProblem, Integer, UnaryLoop> code(UnaryCode code) {
        return (p, bits) -> AssembledLoops.unary(code, bits, 0);
    }

    private static ElementwiseTableBuilder math(
            String name, UnaryCode code, Function<ElementwiseProblem, UnaryLoop> vector) {
        return math(name, code(code), vector);
    }

    private static ElementwiseTableBuilder math(
            String name,
            BiFunction<ElementwiseProblem, Integer, UnaryLoop> assembled,
            Function<ElementwiseProblem, UnaryLoop> vector) {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of(name)
                .assembled(MATH, assembled)
                .approximate()
                .vector(DType.FLOAT32, MATH, vector);
        return called(table, FLOATS);
    }

    private static ElementwiseTableBuilder cheap(
            String name,
            UnaryCode code,
            Function<ElementwiseProblem, UnaryLoop> vector,
            Function<ElementwiseProblem, UnaryLoop> scalar) {
        return cheap(name, code(code), vector, scalar);
    }

    private static ElementwiseTableBuilder cheap(
            String name,
            BiFunction<ElementwiseProblem, Integer, UnaryLoop> assembled,
            Function<ElementwiseProblem, UnaryLoop> vector,
            Function<ElementwiseProblem, UnaryLoop> scalar) {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of(name)
                .assembled(CHEAP, assembled)
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, vector)
                .scalar(DType.FLOAT32, SCALAR, scalar);
        return called(table, DType.FLOAT64);
    }

    private static ElementwiseTableBuilder cheap(
            String name,
            BiFunction<ElementwiseProblem, Integer, UnaryLoop> assembled,
            Function<ElementwiseProblem, UnaryLoop> vector) {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of(name)
                .assembled(CHEAP, assembled)
                .blocks(VECTORS)
                .approximate()
                .vector(DType.FLOAT32, CHEAP, vector);
        return called(table, FLOATS);
    }

    private static ElementwiseTableBuilder cheap(String name, Function<ElementwiseProblem, UnaryLoop> vector) {
        return called(ElementwiseTableBuilder.of(name).blocks(VECTORS).vector(DType.FLOAT32, CHEAP, vector), FLOATS);
    }

    private static ElementwiseTableBuilder cheap(
            String name,
            Function<ElementwiseProblem, UnaryLoop> vector,
            Function<ElementwiseProblem, UnaryLoop> scalar) {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of(name)
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, vector)
                .scalar(DType.FLOAT32, SCALAR, scalar);
        return called(table, DType.FLOAT64);
    }

    private static UnaryLoop hardSigmoid(HardSigmoid op) {
        return VectorUnary.hardSigmoid(op.alpha(), op.beta());
    }

    private static UnaryLoop selu(Selu op) {
        return VectorUnary.exponentialUnit(1, op.gamma() * op.alpha(), op.gamma());
    }

    /** The exponential of the vector loop takes no positive arguments, so {@code x / alpha} of a negative x must be negative. */
    private static ElementwiseTableBuilder celu() {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of("celu")
                .when(p -> ((Celu) p.op()).alpha() > 0)
                .approximate()
                .vector(DType.FLOAT32, MATH, p -> celu((Celu) p.op()))
                .when(p -> true);
        return called(table, FLOATS);
    }

    private static UnaryLoop celu(Celu op) {
        return VectorUnary.exponentialUnit(op.alpha(), op.alpha(), 1);
    }
}
