package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarLogic;
import dev.tenon.kernel.scalar.elementwise.ScalarUnary;
import dev.tenon.kernel.vector.elementwise.VectorCompare;
import dev.tenon.kernel.vector.elementwise.VectorSelect;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.op.math.Classification;
import dev.tenon.op.math.Comparison;
import dev.tenon.op.math.LogicalFunction;
import dev.tenon.tensor.DType;

/** The tables of the element-wise operators that compare, combine booleans, select and clip. */
final class LogicTables {
    // Estimates of the work, picoseconds for an element.

    /** A vector loop. */
    private static final long CHEAP = 80;

    /** A scalar loop. */
    private static final long SCALAR = 800;

    /** Vectors of a granule of the vector loops. */
    private static final int VECTORS = 4;

    private LogicTables() {}

    /** Starts the table of an operator, by the name of its class; null if it is not here. */
    static ElementwiseTableBuilder of(String operator) {
        return switch (operator) {
            case "Equal" -> comparison("equal");
            case "Greater" -> comparison("greater");
            case "Less" -> comparison("less");
            case "GreaterOrEqual" -> comparison("greaterorequal");
            case "LessOrEqual" -> comparison("lessorequal");
            case "And" -> logical("and");
            case "Or" -> logical("or");
            case "Xor" -> logical("xor");
            case "Not" ->
                ElementwiseTableBuilder.of("not").scalar(DType.BOOL, SCALAR, p -> (UnaryLoop) ScalarUnary::not);
            case "IsNaN" ->
                classification(
                        ElementwiseTableBuilder.of("isnan").blocks(VECTORS).vector(DType.FLOAT32, CHEAP, p ->
                                (UnaryLoop) VectorCompare::isNaN));
            case "IsInf" -> classification(ElementwiseTableBuilder.of("isinf"));
            case "Where" -> where();
            case "Clip" -> clip();
            default -> null;
        };
    }

    private static ElementwiseTableBuilder comparison(String name) {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of(name)
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, p -> VectorCompare.of(((Comparison) p.op()).orders()));
        DType[] types = {DType.FLOAT32, DType.INT64, DType.INT32, DType.BOOL, DType.UINT8, DType.INT8, DType.FLOAT64};
        for (DType type : types) {
            table.scalar(type, SCALAR, p -> ScalarLogic.compare(((Comparison) p.op()).orders(), type));
        }
        return table;
    }

    private static ElementwiseTableBuilder logical(String name) {
        return ElementwiseTableBuilder.of(name)
                .scalar(DType.BOOL, SCALAR, p -> ScalarLogic.combine(((LogicalFunction) p.op()).table()));
    }

    private static ElementwiseTableBuilder classification(ElementwiseTableBuilder table) {
        return table.scalar(DType.FLOAT32, SCALAR, p -> ScalarUnary.of((Classification) p.op(), DType.FLOAT32))
                .scalar(DType.FLOAT64, SCALAR, p -> ScalarUnary.of((Classification) p.op(), DType.FLOAT64));
    }

    private static ElementwiseTableBuilder where() {
        ElementwiseTableBuilder table =
                ElementwiseTableBuilder.of("where").byOperand(1).blocks(VECTORS);
        for (DType type : new DType[] {DType.FLOAT32, DType.INT32, DType.UINT32}) {
            table.vector(type, CHEAP, p -> (TernaryLoop) VectorSelect::where);
        }
        for (DType type : DType.values()) {
            if (type.bits() >= Byte.SIZE && type.bits() <= Long.SIZE) {
                table.scalar(type, SCALAR, p -> ScalarLogic.select(type.bits() / Byte.SIZE));
            }
        }
        return table;
    }

    private static ElementwiseTableBuilder clip() {
        ElementwiseTableBuilder table = ElementwiseTableBuilder.of("clip")
                .absent(LogicTables::unbounded)
                .assembled(CHEAP, (p, bits) -> AssembledLoops.clip(bits))
                .blocks(VECTORS)
                .vector(DType.FLOAT32, CHEAP, p -> (TernaryLoop) VectorSelect::clip);
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32}) {
            table.scalar(type, SCALAR, p -> ScalarLogic.clip(type));
        }
        return table;
    }

    /** The bits of a bound of Clip, the second or third operand, that is left out. */
    private static long unbounded(int operand, DType type) {
        boolean lower = operand == 1;
        return switch (type) {
            case FLOAT32 -> Float.floatToRawIntBits(lower ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
            case FLOAT64 -> Double.doubleToRawLongBits(lower ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
            default -> !type.isInteger() ? 0 : lower ? type.minInteger() : type.maxInteger();
        };
    }
}
