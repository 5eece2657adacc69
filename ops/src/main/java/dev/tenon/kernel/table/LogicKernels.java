package dev.tenon.kernel.table;

import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarLogic;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorSelect;
import dev.tenon.op.math.Classification;
import dev.tenon.op.math.Comparison;
import dev.tenon.op.math.LogicalFunction;
import dev.tenon.tensor.DType;

/** The tables of the operators that compare, combine truth values, and select. */
final class LogicKernels {
    /** Rough estimates of the work, picoseconds for an element. */
    private static final long CHEAP = 80;

    private static final long PLAIN = 800;
    /** Vectors of a granule of the cheap vector loops. */
    private static final int BLOCK = 4;

    private LogicKernels() {}

    /** The table of an operator by its name, or null if it is not one of these. */
    static ElementwiseTable table(String op) {
        return switch (op) {
            case "Equal" -> comparison("equal");
            case "Greater" -> comparison("greater");
            case "Less" -> comparison("less");
            case "GreaterOrEqual" -> comparison("greaterorequal");
            case "LessOrEqual" -> comparison("lessorequal");
            case "And" -> combination("and");
            case "Or" -> combination("or");
            case "Xor" -> combination("xor");
            case "Not" -> ElementwiseTable.of("not").scalar(DType.BOOL, PLAIN, p -> (UnaryLoop) ScalarUnary::not);
            case "IsNaN" -> question("isnan");
            case "IsInf" -> question("isinf");
            case "Where" -> where();
            case "Clip" -> clip();
            default -> null;
        };
    }

    private static ElementwiseTable comparison(String name) {
        ElementwiseTable table = ElementwiseTable.of(name);
        DType[] types = {DType.FLOAT32, DType.INT64, DType.INT32, DType.BOOL, DType.UINT8, DType.INT8, DType.FLOAT64};
        for (DType type : types) {
            table.scalar(type, PLAIN, p -> ScalarLogic.compare(((Comparison) p.op()).orders(), type));
        }
        return table;
    }

    private static ElementwiseTable combination(String name) {
        return ElementwiseTable.of(name)
                .scalar(DType.BOOL, PLAIN, p -> ScalarLogic.combine(((LogicalFunction) p.op()).table()));
    }

    private static ElementwiseTable question(String name) {
        return ElementwiseTable.of(name)
                .scalar(DType.FLOAT32, PLAIN, p -> ScalarUnary.of((Classification) p.op(), DType.FLOAT32))
                .scalar(DType.FLOAT64, PLAIN, p -> ScalarUnary.of((Classification) p.op(), DType.FLOAT64));
    }

    private static ElementwiseTable where() {
        ElementwiseTable table = ElementwiseTable.of("where").byOperand(1).blocks(BLOCK);
        for (DType type : new DType[] {DType.FLOAT32, DType.INT32, DType.UINT32}) {
            table.vector(type, CHEAP, p -> (TernaryLoop) VectorSelect::where);
        }
        for (DType type : DType.values()) {
            if (type.bits() >= Byte.SIZE && type.bits() <= Long.SIZE) {
                table.scalar(type, PLAIN, p -> ScalarLogic.select(type.bits() / Byte.SIZE));
            }
        }
        return table;
    }

    private static ElementwiseTable clip() {
        ElementwiseTable table = ElementwiseTable.of("clip")
                .absent(LogicKernels::unbounded)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, p -> (TernaryLoop) VectorSelect::clip);
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32}) {
            table.scalar(type, PLAIN, p -> ScalarLogic.clip(type));
        }
        return table;
    }

    /** The bits of a bound of Clip, the second or third operand, that does not bind. */
    private static long unbounded(int operand, DType type) {
        boolean least = operand == 1;
        return switch (type) {
            case FLOAT32 -> Float.floatToRawIntBits(least ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
            case FLOAT64 -> Double.doubleToRawLongBits(least ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
            default -> !type.isInteger() ? 0 : least ? type.minInteger() : type.maxInteger();
        };
    }
}
