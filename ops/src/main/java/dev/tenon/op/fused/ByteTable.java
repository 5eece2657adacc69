package dev.tenon.op.fused;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Cast;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A function of bytes, given by its values: element-wise functions between DequantizeLinear and QuantizeLinear become one. The
 * table has 256 elements. The value for a byte b has index b, or {@code b + 256} if b is negative.
 */
public record ByteTable() implements Composite {
    /** Inputs X and the table, output Y of the table's type. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "ByteTable")
            .input("X", "T1")
            .input("table", "T2")
            .output("Y", "T2")
            .where("T1", Types.set(DType.INT8, DType.UINT8))
            .where("T2", Types.set(DType.INT8, DType.UINT8));

    /** The elements of a table. */
    public static final int SIZE = 256;

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        return new Composition(
                2,
                List.of(),
                List.of(
                        new Composition.Step(new Cast(DType.INT32, true, "up"), List.of(0), 1),
                        new Composition.Step(new Gather(0), List.of(1, 2), 1)),
                List.of(3));
    }
}
