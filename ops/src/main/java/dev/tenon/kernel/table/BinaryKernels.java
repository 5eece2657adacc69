package dev.tenon.kernel.table;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarBinary;
import dev.tenon.kernel.scalar.elementwise.ScalarPow;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorBinary;
import dev.tenon.kernel.vector.elementwise.VectorPowers;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.op.math.BinaryFunction;
import dev.tenon.tensor.DType;
import java.util.function.Function;

/** The tables of the operators that combine two numbers or more. */
final class BinaryKernels {
    /** Rough estimates of the work, picoseconds for an element. */
    private static final long CHEAP = 80;

    private static final long PLAIN = 800;
    private static final long CALLED = 12_000;

    /** Vectors of a granule of the cheap vector loops. */
    private static final int BLOCK = 4;

    /** More operands summed in float32 would leave the accuracy contract of Sum and Mean. */
    private static final int MOST_TERMS = 8;

    private static final DType[] INTEGERS = {DType.INT64, DType.INT32, DType.UINT64, DType.INT8, DType.UINT8};

    private BinaryKernels() {}

    private static BinaryLoop callFloats(ElementwiseProblem p) {
        return ScalarBinary.floats((BinaryFunction) p.op(), p.dtype(0));
    }

    private static BinaryLoop callIntegers(ElementwiseProblem p) {
        return ScalarBinary.integers((BinaryFunction) p.op(), p.dtype(0));
    }

    /** Adds plain loops. */
    private static ElementwiseTable plain(ElementwiseTable table, DType... types) {
        for (DType type : types) {
            table.scalar(type, PLAIN, BinaryKernels::plainLoop);
        }
        return table;
    }

    private static ElementwiseTable floats(String name) {
        ElementwiseTable table =
                ElementwiseTable.of(name).blocks(BLOCK).vector(DType.FLOAT32, CHEAP, BinaryKernels::vectorLoop);
        return plain(table, DType.FLOAT32, DType.FLOAT64);
    }

    private static BinaryLoop plainLoop(ElementwiseProblem p) {
        return switch (p.dtype(0)) {
            case FLOAT32 -> floatLoop(p);
            case FLOAT64 -> callFloats(p);
            case INT64 -> longLoop(p);
            default -> callIntegers(p);
        };
    }

    private static BinaryLoop vectorLoop(ElementwiseProblem p) {
        return switch (p.op().schema().name()) {
            case "Add" -> VectorBinary::add;
            case "Sub" -> VectorBinary::sub;
            case "Mul" -> VectorBinary::mul;
            case "Div" -> VectorBinary::div;
            case "Min" -> VectorBinary::min;
            case "Max" -> VectorBinary::max;
            default -> VectorPowers::prelu;
        };
    }

    private static BinaryLoop floatLoop(ElementwiseProblem p) {
        return switch (p.op().schema().name()) {
            case "Add" -> ScalarBinary::add;
            case "Sub" -> ScalarBinary::sub;
            case "Mul" -> ScalarBinary::mul;
            case "Div" -> ScalarBinary::div;
            case "Min" -> ScalarBinary::min;
            case "Max" -> ScalarBinary::max;
            default -> callFloats(p);
        };
    }

    private static BinaryLoop longLoop(ElementwiseProblem p) {
        return switch (p.op().schema().name()) {
            case "Add" -> ScalarBinary::addLongs;
            case "Sub" -> ScalarBinary::subLongs;
            case "Mul" -> ScalarBinary::mulLongs;
            default -> callIntegers(p);
        };
    }

    /** The table of an operator by its name, or null if it is not one of these. */
    static ElementwiseTable table(String op) {
        return switch (op) {
            case "Add" -> plain(floats("add"), INTEGERS);
            case "Sub" -> plain(floats("sub"), INTEGERS);
            case "Mul" -> plain(floats("mul"), INTEGERS);
            case "Div" -> plain(floats("div"), INTEGERS);
            case "PRelu" -> floats("prelu");
            case "Mod" -> plain(mod(), INTEGERS);
            case "Pow" -> pow();
            case "Min" -> plain(floats("min"), INTEGERS);
            case "Max" -> plain(floats("max"), INTEGERS);
            case "Sum" -> sum("sum", p -> null, p -> null);
            case "Mean" ->
                sum(
                        "mean",
                        p -> VectorUnary.divideBy(p.inputs().size()),
                        p -> ScalarUnary.divideBy(p.inputs().size()));
            case "BitwiseAnd" -> plain(ElementwiseTable.of("bitwiseand"), INTEGERS);
            case "BitwiseOr" -> plain(ElementwiseTable.of("bitwiseor"), INTEGERS);
            case "BitwiseXor" -> plain(ElementwiseTable.of("bitwisexor"), INTEGERS);
            case "BitShift" -> plain(ElementwiseTable.of("bitshift"), DType.UINT64, DType.UINT8);
            default -> null;
        };
    }

    private static ElementwiseTable mod() {
        return ElementwiseTable.of("mod")
                .scalar(DType.FLOAT32, CALLED, BinaryKernels::callFloats)
                .scalar(DType.FLOAT64, CALLED, BinaryKernels::callFloats);
    }

    private static ElementwiseTable pow() {
        ElementwiseTable table = ElementwiseTable.of("pow")
                .when(p -> p.dtype(1) == DType.FLOAT32)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, p -> (BinaryLoop) VectorPowers::pow);
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

    private static ElementwiseTable sum(
            String name,
            Function<ElementwiseProblem, UnaryLoop> vectorEnd,
            Function<ElementwiseProblem, UnaryLoop> scalarEnd) {
        return ElementwiseTable.of(name)
                .when(p -> p.inputs().size() <= MOST_TERMS)
                .last(vectorEnd)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, p -> (BinaryLoop) VectorBinary::add)
                .last(scalarEnd)
                .scalar(DType.FLOAT32, PLAIN, p -> (BinaryLoop) ScalarBinary::add);
    }
}
