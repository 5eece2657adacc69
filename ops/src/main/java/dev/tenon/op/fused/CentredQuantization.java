package dev.tenon.op.fused;

import dev.tenon.op.Domains;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Sub;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * DynamicQuantizeLinear whose integers, less their zero point, are float32: the operand of a convolution that computes sums of
 * integers in floats.
 */
public record CentredQuantization() implements Composite {
    /** Input X; outputs the integers Y less their zero point, and their scale. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "CentredQuantization")
            .input("X", "T")
            .output("Y", "T")
            .output("Y_scale", "T")
            .where("T", Types.set(DType.FLOAT32))
            .numerics(Numerics.EXACT);

    private static final int INTEGERS = 1;
    private static final int SCALE = 2;
    private static final int ZERO = 3;

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        Cast floats = new Cast(DType.FLOAT32, true, "up");
        return new Composition(
                1,
                List.of(),
                List.of(
                        new Composition.Step(new DynamicQuantizeLinear(), List.of(0), 3),
                        new Composition.Step(floats, List.of(INTEGERS), 1),
                        new Composition.Step(floats, List.of(ZERO), 1),
                        new Composition.Step(new Sub(), List.of(ZERO + 1, ZERO + 2), 1)),
                List.of(ZERO + 3, SCALE).subList(0, outputs));
    }
}
