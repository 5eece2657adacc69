package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.UnaryCode;
import dev.tenon.op.math.Celu;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import java.util.function.BiFunction;
import java.util.function.Function;

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

    /** Starts the table of an operator of arithmetic, or of a function that activations are made of; null for others. */
    static ElementwiseTableBuilder arithmetic(String operator) {
        return switch (operator) {
            case "Abs" -> called(cheap("abs", p -> VectorUnary::abs, p -> ScalarUnary::abs), SIGNED);
            case "Neg" -> called(cheap("neg", p -> VectorUnary::neg, p -> ScalarUnary::neg), SIGNED);
            case "Round" -> cheap("round", p -> VectorUnary::round);
            case "Sqrt" -> cheap("sqrt", UnaryCode.SQRT, p -> VectorUnary::sqrt, p -> ScalarUnary::sqrt);
            case "Reciprocal" -> cheap("reciprocal", p -> VectorUnary::reciprocal, p -> ScalarUnary::reciprocal);
            case "Exp" -> math("exp", UnaryCode.EXP, p -> VectorUnary::exp);
            case "Log" -> math("log", UnaryCode.LOG, p -> VectorUnary::log);
            case "Erf" -> math("erf", UnaryCode.ERF, p -> VectorUnary::erf);
            case "Tanh" -> math("tanh", UnaryCode.TANH, p -> VectorUnary::tanh);
            default -> null;
        };
    }

    /** Starts the table of an activation; null for others. */
    static ElementwiseTableBuilder activation(String operator) {
        return switch (operator) {
            case "Relu" ->
                called(cheap("relu", UnaryCode.RELU, p -> VectorUnary::relu, p -> ScalarUnary::relu), SIGNED);
            case "LeakyRelu" ->
                cheap(
                        "leakyrelu",
                        (p, bits) -> AssembledLoops.unary(UnaryCode.LEAKY_RELU, bits, ((LeakyRelu) p.op()).alpha()),
                        p -> VectorUnary.leakyRelu(((LeakyRelu) p.op()).alpha()),
                        p -> ScalarUnary.leakyRelu(((LeakyRelu) p.op()).alpha()));
            case "ThresholdedRelu" ->
                cheap("thresholdedrelu", p -> VectorUnary.thresholdedRelu(((ThresholdedRelu) p.op()).alpha()));
            case "Softsign" ->
                called(
                        ElementwiseTableBuilder.of("softsign")
                                .blocks(VECTORS)
                                .approximate()
                                .vector(DType.FLOAT32, CHEAP, p -> (UnaryLoop) VectorUnary::softsign),
                        FLOATS);
            case "HardSwish" -> cheap("hardswish", code(UnaryCode.HARD_SWISH), p -> VectorUnary::hardSwish);
            case "HardSigmoid" ->
                cheap(
                        "hardsigmoid",
                        (p, bits) -> AssembledLoops.unary(
                                UnaryCode.HARD_SIGMOID,
                                bits,
                                ((HardSigmoid) p.op()).alpha(),
                                ((HardSigmoid) p.op()).beta()),
                        p -> hardSigmoid((HardSigmoid) p.op()));
            case "Sigmoid" -> math("sigmoid", UnaryCode.SIGMOID, p -> VectorUnary::sigmoid);
            case "Softplus" -> math("softplus", p -> VectorUnary::softplus);
            case "Mish" -> math("mish", p -> VectorUnary::mish);
            case "Gelu" ->
                math(
                        "gelu",
                        (p, bits) -> AssembledLoops.unary(
                                ((Gelu) p.op()).byTanh() ? UnaryCode.GELU_TANH : UnaryCode.GELU, bits, 0),
                        p -> ((Gelu) p.op()).byTanh() ? VectorUnary::geluTanh : VectorUnary::gelu);
            case "Swish" ->
                math(
                        "swish",
                        (p, bits) -> AssembledLoops.unary(UnaryCode.SWISH, bits, ((Swish) p.op()).alpha()),
                        p -> VectorUnary.swish(((Swish) p.op()).alpha()));
            case "Elu" -> math("elu", p -> VectorUnary.exponentialUnit(1, ((Elu) p.op()).alpha(), 1));
            case "Selu" -> math("selu", p -> selu((Selu) p.op()));
            case "Celu" -> celu();
            default -> null;
        };
    }

    /** Starts the table of an operator without vector loops; null for others. */
    static ElementwiseTableBuilder scalar(String operator) {
        return switch (operator) {
            case "Sin" -> called(ElementwiseTableBuilder.of("sin"), FLOATS);
            case "Cos" -> called(ElementwiseTableBuilder.of("cos"), FLOATS);
            case "Tan" -> called(ElementwiseTableBuilder.of("tan"), FLOATS);
            case "Asin" -> called(ElementwiseTableBuilder.of("asin"), FLOATS);
            case "Acos" -> called(ElementwiseTableBuilder.of("acos"), FLOATS);
            case "Atan" -> called(ElementwiseTableBuilder.of("atan"), FLOATS);
            case "Sinh" -> called(ElementwiseTableBuilder.of("sinh"), FLOATS);
            case "Cosh" -> called(ElementwiseTableBuilder.of("cosh"), FLOATS);
            case "Asinh" -> called(ElementwiseTableBuilder.of("asinh"), FLOATS);
            case "Acosh" -> called(ElementwiseTableBuilder.of("acosh"), FLOATS);
            case "Atanh" -> called(ElementwiseTableBuilder.of("atanh"), FLOATS);
            case "Floor" -> called(ElementwiseTableBuilder.of("floor"), FLOATS);
            case "Ceil" -> called(ElementwiseTableBuilder.of("ceil"), FLOATS);
            case "Shrink" -> called(called(ElementwiseTableBuilder.of("shrink"), FLOATS), SIGNED);
            case "Sign" -> called(called(ElementwiseTableBuilder.of("sign"), FLOATS), SIGNED);
            case "BitwiseNot" -> called(called(ElementwiseTableBuilder.of("bitwisenot"), SIGNED), DType.UINT8);
            default -> null;
        };
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
