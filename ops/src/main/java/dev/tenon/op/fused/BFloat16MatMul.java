package dev.tenon.op.fused;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Cast;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The product of a float32 tensor X {@code [..., m, k]} with weights W {@code [k, n]} in BF16. The elements of X are rounded to
 * BF16 first, to the nearest number, ties to even. Products are exact, sums are float32. Kernels may take subnormal numbers for
 * zero.
 */
public record BFloat16MatMul() implements Composite {
    /** Inputs X and W, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "BFloat16MatMul")
            .input("X", "T")
            .input("W", "B")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .where("B", Types.set(DType.BFLOAT16))
            .numerics(new MatMul().numerics());

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        Cast up = new Cast(DType.FLOAT32, true, "up");
        return new Composition(
                2,
                List.of(),
                List.of(
                        new Composition.Step(new Cast(DType.BFLOAT16, true, "up"), List.of(0), 1),
                        new Composition.Step(up, List.of(2), 1),
                        new Composition.Step(up, List.of(1), 1),
                        new Composition.Step(new MatMul(), List.of(3, 4), 1)),
                List.of(5));
    }
}
