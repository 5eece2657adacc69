package dev.tenon.kernel;

import dev.tenon.kernel.scalar.ScalarBinary;
import dev.tenon.kernel.scalar.ScalarPow;
import dev.tenon.kernel.scalar.ScalarUnary;
import dev.tenon.kernel.vector.VectorBinary;
import dev.tenon.kernel.vector.VectorPowers;
import dev.tenon.kernel.vector.VectorUnary;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.BinaryFunction;
import dev.tenon.op.math.BitShift;
import dev.tenon.op.math.BitwiseAnd;
import dev.tenon.op.math.BitwiseOr;
import dev.tenon.op.math.BitwiseXor;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mod;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.tensor.DType;
import java.util.Map;
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
    private static final DType[] SMALLER_INTEGERS = {DType.INT32, DType.UINT64, DType.INT8, DType.UINT8};

    private BinaryKernels() {}

    static void addTo(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        addArithmetic(tables);
        addVariadic(tables);
        addIntegers(tables);
    }

    private static BinaryLoop callFloats(ElementwiseProblem p) {
        return ScalarBinary.floats((BinaryFunction) p.op(), p.dtype(0));
    }

    private static BinaryLoop callIntegers(ElementwiseProblem p) {
        return ScalarBinary.integers((BinaryFunction) p.op(), p.dtype(0));
    }

    /** Adds plain loops that call the operator's function of integers. */
    private static ElementwiseTable integers(ElementwiseTable table, DType... types) {
        for (DType type : types) {
            table.scalar(type, PLAIN, BinaryKernels::callIntegers);
        }
        return table;
    }

    private static ElementwiseTable floats(
            String name,
            Function<ElementwiseProblem, BinaryLoop> vector,
            Function<ElementwiseProblem, BinaryLoop> scalar) {
        return ElementwiseTable.of(name)
                .blocks(BLOCK)
                .vector(DType.FLOAT32, CHEAP, vector::apply)
                .scalar(DType.FLOAT32, PLAIN, scalar::apply)
                .scalar(DType.FLOAT64, PLAIN, BinaryKernels::callFloats);
    }

    private static ElementwiseTable withLongs(ElementwiseTable table, BinaryLoop longs) {
        return integers(table.scalar(DType.INT64, PLAIN, p -> longs), SMALLER_INTEGERS);
    }

    private static void addArithmetic(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(
                Add.class,
                withLongs(floats("add", p -> VectorBinary::add, p -> ScalarBinary::add), ScalarBinary::addLongs)
                        .build());
        tables.put(
                Sub.class,
                withLongs(floats("sub", p -> VectorBinary::sub, p -> ScalarBinary::sub), ScalarBinary::subLongs)
                        .build());
        tables.put(
                Mul.class,
                withLongs(floats("mul", p -> VectorBinary::mul, p -> ScalarBinary::mul), ScalarBinary::mulLongs)
                        .build());
        tables.put(
                Div.class,
                integers(floats("div", p -> VectorBinary::div, p -> ScalarBinary::div), INTEGERS)
                        .build());
        tables.put(
                PRelu.class,
                floats("prelu", p -> VectorPowers::prelu, BinaryKernels::callFloats)
                        .build());
        ElementwiseTable mod = ElementwiseTable.of("mod")
                .scalar(DType.FLOAT32, CALLED, BinaryKernels::callFloats)
                .scalar(DType.FLOAT64, CALLED, BinaryKernels::callFloats);
        tables.put(Mod.class, integers(mod, INTEGERS).build());
        tables.put(Pow.class, pow().build());
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

    private static void addVariadic(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(
                Min.class,
                integers(floats("min", p -> VectorBinary::min, p -> ScalarBinary::min), INTEGERS)
                        .build());
        tables.put(
                Max.class,
                integers(floats("max", p -> VectorBinary::max, p -> ScalarBinary::max), INTEGERS)
                        .build());
        tables.put(Sum.class, sum("sum", p -> null, p -> null).build());
        tables.put(
                Mean.class,
                sum(
                                "mean",
                                p -> VectorUnary.divideBy(p.inputs().size()),
                                p -> ScalarUnary.divideBy(p.inputs().size()))
                        .build());
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

    private static void addIntegers(Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables) {
        tables.put(
                BitwiseAnd.class,
                integers(ElementwiseTable.of("bitwiseand"), INTEGERS).build());
        tables.put(
                BitwiseOr.class,
                integers(ElementwiseTable.of("bitwiseor"), INTEGERS).build());
        tables.put(
                BitwiseXor.class,
                integers(ElementwiseTable.of("bitwisexor"), INTEGERS).build());
        tables.put(
                BitShift.class,
                integers(ElementwiseTable.of("bitshift"), DType.UINT64, DType.UINT8)
                        .build());
    }
}
