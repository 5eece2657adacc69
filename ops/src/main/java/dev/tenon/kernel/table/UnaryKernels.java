package dev.tenon.kernel.table;

import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
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

    /** The table of an operator by its name, or null if it is not one of these. */
    static ElementwiseTable table(String op) {
        ElementwiseTable table = vectorised(op);
        return table == null ? called(op) : table;
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
        return called(ElementwiseTable.of(name).vector(DType.FLOAT32, MATH, vector), FLOATS);
    }

    private static ElementwiseTable cheap(String name, Function<ElementwiseProblem, UnaryLoop> vector) {
        return called(ElementwiseTable.of(name).blocks(BLOCK).vector(DType.FLOAT32, CHEAP, vector), FLOATS);
    }

    private static ElementwiseTable cheap(
            String name,
            Function<ElementwiseProblem, UnaryLoop> vector,
            Function<ElementwiseProblem, UnaryLoop> scalar) {
        ElementwiseTable table = ElementwiseTable.of(name)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, vector)
                .scalar(DType.FLOAT32, PLAIN, scalar);
        return called(table, DType.FLOAT64);
    }

    private static ElementwiseTable vectorised(String op) {
        return switch (op) {
            case "Abs" -> called(cheap("abs", p -> VectorUnary::abs, p -> ScalarUnary::abs), SIGNED);
            case "Neg" -> called(cheap("neg", p -> VectorUnary::neg, p -> ScalarUnary::neg), SIGNED);
            case "Relu" -> called(cheap("relu", p -> VectorUnary::relu, p -> ScalarUnary::relu), SIGNED);
            case "Round" -> cheap("round", p -> VectorUnary::round);
            case "Sqrt" -> cheap("sqrt", p -> VectorUnary::sqrt, p -> ScalarUnary::sqrt);
            case "Reciprocal" -> cheap("reciprocal", p -> VectorUnary::reciprocal, p -> ScalarUnary::reciprocal);
            case "LeakyRelu" ->
                cheap(
                        "leakyrelu",
                        p -> VectorUnary.leakyRelu(((LeakyRelu) p.op()).alpha()),
                        p -> ScalarUnary.leakyRelu(((LeakyRelu) p.op()).alpha()));
            case "Exp" -> math("exp", p -> VectorUnary::exp);
            case "Log" -> math("log", p -> VectorUnary::log);
            case "Erf" -> math("erf", p -> VectorUnary::erf);
            case "Tanh" -> math("tanh", p -> VectorUnary::tanh);
            case "Sigmoid" -> math("sigmoid", p -> VectorUnary::sigmoid);
            case "Softplus" -> math("softplus", p -> VectorUnary::softplus);
            case "Mish" -> math("mish", p -> VectorUnary::mish);
            case "Gelu" -> math("gelu", p -> ((Gelu) p.op()).byTanh() ? VectorUnary::geluTanh : VectorUnary::gelu);
            case "Swish" -> math("swish", p -> VectorUnary.swish(((Swish) p.op()).alpha()));
            case "Softsign" -> cheap("softsign", p -> VectorUnary::softsign);
            case "HardSwish" -> cheap("hardswish", p -> VectorUnary::hardSwish);
            case "HardSigmoid" -> cheap("hardsigmoid", p -> hardSigmoid((HardSigmoid) p.op()));
            case "ThresholdedRelu" ->
                cheap("thresholdedrelu", p -> VectorUnary.thresholdedRelu(((ThresholdedRelu) p.op()).alpha()));
            case "Elu" -> math("elu", p -> VectorUnary.exponentialUnit(1, ((Elu) p.op()).alpha(), 1));
            case "Selu" -> math("selu", p -> selu((Selu) p.op()));
            case "Celu" -> celu();
            default -> null;
        };
    }

    private static UnaryLoop hardSigmoid(HardSigmoid op) {
        return VectorUnary.hardSigmoid(op.alpha(), op.beta());
    }

    private static UnaryLoop selu(Selu op) {
        return VectorUnary.exponentialUnit(1, op.gamma() * op.alpha(), op.gamma());
    }

    /** Below 0 the loop takes the exponential for the lesser of the two terms, which needs a positive alpha. */
    private static ElementwiseTable celu() {
        ElementwiseTable table = ElementwiseTable.of("celu")
                .when(p -> ((Celu) p.op()).alpha() > 0)
                .vector(DType.FLOAT32, MATH, p -> celu((Celu) p.op()))
                .when(p -> true);
        return called(table, FLOATS);
    }

    private static UnaryLoop celu(Celu op) {
        return VectorUnary.exponentialUnit(op.alpha(), op.alpha(), 1);
    }

    private static ElementwiseTable called(String op) {
        return switch (op) {
            case "Sin" -> called(ElementwiseTable.of("sin"), FLOATS);
            case "Cos" -> called(ElementwiseTable.of("cos"), FLOATS);
            case "Tan" -> called(ElementwiseTable.of("tan"), FLOATS);
            case "Asin" -> called(ElementwiseTable.of("asin"), FLOATS);
            case "Acos" -> called(ElementwiseTable.of("acos"), FLOATS);
            case "Atan" -> called(ElementwiseTable.of("atan"), FLOATS);
            case "Sinh" -> called(ElementwiseTable.of("sinh"), FLOATS);
            case "Cosh" -> called(ElementwiseTable.of("cosh"), FLOATS);
            case "Asinh" -> called(ElementwiseTable.of("asinh"), FLOATS);
            case "Acosh" -> called(ElementwiseTable.of("acosh"), FLOATS);
            case "Atanh" -> called(ElementwiseTable.of("atanh"), FLOATS);
            case "Floor" -> called(ElementwiseTable.of("floor"), FLOATS);
            case "Ceil" -> called(ElementwiseTable.of("ceil"), FLOATS);
            case "Shrink" -> called(called(ElementwiseTable.of("shrink"), FLOATS), SIGNED);
            case "Sign" -> called(called(ElementwiseTable.of("sign"), FLOATS), SIGNED);
            case "BitwiseNot" -> called(called(ElementwiseTable.of("bitwisenot"), SIGNED), DType.UINT8);
            default -> null;
        };
    }
}
