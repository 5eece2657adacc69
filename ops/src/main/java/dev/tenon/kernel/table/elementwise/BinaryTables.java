package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarBinary;
import dev.tenon.kernel.scalar.elementwise.ScalarPow;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorBinary;
import dev.tenon.kernel.vector.elementwise.VectorPow;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.BinaryCode;
import dev.tenon.op.math.BinaryFunction;
import dev.tenon.tensor.DType;
import java.util.function.Function;

/** The tables of the element-wise operators that combine two numbers or more. */
final class BinaryTables {
    // Estimates of the work, picoseconds for an element.

    /** A vector loop. */
    private static final long CHEAP = 80;

    /** A scalar loop of a few instructions. */
    private static final long SCALAR = 800;

    /** A scalar loop that calls the operator's own function, in double. */
    private static final long CALLED = 12_000;

    /** Vectors of a granule of the vector loops. */
    private static final int VECTORS = 4;

    /** Sums of more operands in float32 would leave the accuracy contract of Sum and Mean. */
    private static final int MAX_TERMS = 8;

    private static final DType[] SMALL_INTEGERS = {DType.INT32, DType.UINT64, DType.INT8, DType.UINT8};

    private BinaryTables() {}

    /** Starts the table of an operator, by the name of its class; null if it is not here. */
    static ElementwiseTableBuilder of(String operator) {
        return switch (operator) {
            case "Add" ->
                integers(
                        floats("add", BinaryCode.ADD, p -> VectorBinary::add, p -> ScalarBinary::add),
                        p -> ScalarBinary::addLongs);
            case "Sub" ->
                integers(
                        floats("sub", BinaryCode.SUB, p -> VectorBinary::sub, p -> ScalarBinary::sub),
                        p -> ScalarBinary::subLongs);
            case "Mul" ->
                integers(
                        floats("mul", BinaryCode.MUL, p -> VectorBinary::mul, p -> ScalarBinary::mul),
                        p -> ScalarBinary::mulLongs);
            case "Div" -> integers(floats("div", BinaryCode.DIV, p -> VectorBinary::div, p -> ScalarBinary::div));
            case "Min" -> integers(floats("min", BinaryCode.MIN, p -> VectorBinary::min, p -> ScalarBinary::min));
            case "Max" -> integers(floats("max", BinaryCode.MAX, p -> VectorBinary::max, p -> ScalarBinary::max));
            case "PRelu" -> floats("prelu", p -> VectorBinary::prelu, BinaryTables::callFloats);
            case "Mod" -> integers(mod());
            case "Pow" -> pow();
            case "Sum" -> sum("sum", p -> null, p -> null);
            case "Mean" -> mean();
            case "BitwiseAnd" -> integers(ElementwiseTableBuilder.of("bitwiseand"));
            case "BitwiseOr" -> integers(ElementwiseTableBuilder.of("bitwiseor"));
            case "BitwiseXor" -> integers(ElementwiseTableBuilder.of("bitwisexor"));
            case "BitShift" -> called(ElementwiseTableBuilder.of("bitshift"), DType.UINT64, DType.UINT8);
            default -> null;
        };
    }

    private static BinaryLoop callFloats(ElementwiseProblem p) {
        return ScalarBinary.floats((BinaryFunction) p.op(), p.dtype(0));
    }

    private static BinaryLoop callIntegers(ElementwiseProblem p) {
        return ScalarBinary.integers((BinaryFunction) p.op(), p.dtype(0));
    }

    /** Starts a table with loops of floats. */
    private static ElementwiseTableBuilder floats(
            String name,
            Function<ElementwiseProblem, BinaryLoop> vector,
            Function<ElementwiseProblem, BinaryLoop> scalar) {
        return ElementwiseTableBuilder.of(name)
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, vector)
                .scalar(DType.FLOAT32, SCALAR, scalar)
                .scalar(DType.FLOAT64, SCALAR, BinaryTables::callFloats);
    }

    /** Starts a table with loops of floats, one of which is in machine code. */
    private static ElementwiseTableBuilder floats(
            String name,
            BinaryCode code,
            Function<ElementwiseProblem, BinaryLoop> vector,
            Function<ElementwiseProblem, BinaryLoop> scalar) {
        return ElementwiseTableBuilder.of(name)
                .assembled(CHEAP, (p, bits) -> AssembledLoops.binary(code, bits))
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, vector)
                .scalar(DType.FLOAT32, SCALAR, scalar)
                .scalar(DType.FLOAT64, SCALAR, BinaryTables::callFloats);
    }

    /** Adds scalar loops of integers, all of which call the operator's function. */
    private static ElementwiseTableBuilder integers(ElementwiseTableBuilder table) {
        return integers(table, BinaryTables::callIntegers);
    }

    /** Adds scalar loops of integers: one for int64, and loops that call the operator's function for the others. */
    private static ElementwiseTableBuilder integers(
            ElementwiseTableBuilder table, Function<ElementwiseProblem, BinaryLoop> longs) {
        return called(table.scalar(DType.INT64, SCALAR, longs), SMALL_INTEGERS);
    }

    /** Adds scalar loops of integers that call the operator's function. */
    private static ElementwiseTableBuilder called(ElementwiseTableBuilder table, DType... types) {
        for (DType type : types) {
            table.scalar(type, SCALAR, BinaryTables::callIntegers);
        }
        return table;
    }

    private static ElementwiseTableBuilder mod() {
        return ElementwiseTableBuilder.of("mod")
                .scalar(DType.FLOAT32, CALLED, BinaryTables::callFloats)
                .scalar(DType.FLOAT64, CALLED, BinaryTables::callFloats);
    }

    private static ElementwiseTableBuilder pow() {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of("pow")
                .when(p -> p.dtype(1) == DType.FLOAT32)
                .blocks(VECTORS)
                .approximate()
                .vector(DType.FLOAT32, CHEAP, p -> (BinaryLoop) VectorPow::pow);
        for (DType exponent : new DType[] {DType.FLOAT32, DType.INT64, DType.INT32}) {
            table.when(p -> p.dtype(1) == exponent)
                    .scalar(
                            DType.FLOAT32,
                            "f32_" + exponent.text(),
                            CALLED,
                            p -> ScalarPow.of(DType.FLOAT32, exponent));
        }
        return table.when(p -> p.dtype(1) == DType.FLOAT64)
                .scalar(DType.FLOAT64, CALLED, p -> ScalarPow.of(DType.FLOAT64, DType.FLOAT64));
    }

    private static ElementwiseTableBuilder mean() {
        return sum(
                "mean",
                p -> VectorUnary.divideBy(p.inputs().size()),
                p -> ScalarUnary.divideBy(p.inputs().size()));
    }

    /** A table of sums of any number of operands, with a loop that makes the result from the sum, or null. */
    private static ElementwiseTableBuilder sum(
            String name,
            Function<ElementwiseProblem, UnaryLoop> vectorEnd,
            Function<ElementwiseProblem, UnaryLoop> scalarEnd) {
        return ElementwiseTableBuilder.of(name)
                .when(p -> p.inputs().size() <= MAX_TERMS)
                .last(vectorEnd)
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, p -> (BinaryLoop) VectorBinary::add)
                .last(scalarEnd)
                .scalar(DType.FLOAT32, SCALAR, p -> (BinaryLoop) ScalarBinary::add);
    }
}
