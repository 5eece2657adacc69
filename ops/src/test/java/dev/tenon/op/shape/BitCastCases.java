package dev.tenon.op.shape;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BitCast}. */
public final class BitCastCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("float32 to int32", new BitCast(DType.INT32), f32(dims(3), 1, -2, 0))
                        .expect(ints(DType.INT32, dims(3), 0x3f800000, 0xc0000000, 0)),
                OpCase.of("int64 to float64", new BitCast(DType.FLOAT64), i64(dims(1), 0x3ff0000000000000L))
                        .expect(Tensor.of(new double[] {1}, 1)),
                OpCase.of("float16 to uint16", new BitCast(DType.UINT16), reals(DType.FLOAT16, dims(1, 2), 1, -1))
                        .expect(ints(DType.UINT16, dims(1, 2), 0x3c00, 0xbc00)),
                OpCase.of("uint8 to bool", new BitCast(DType.BOOL), ints(DType.UINT8, dims(3), 0, 1, 2))
                        .expect(Tensor.of(new boolean[] {false, true, true}, 3)),
                OpCase.of("uint4 to int4", new BitCast(DType.INT4), ints(DType.UINT4, dims(3), 1, 8, 15))
                        .expect(ints(DType.INT4, dims(3), 1, -8, -1)),
                OpCase.of("NaN stays", new BitCast(DType.UINT32), f32(dims(), Float.NaN))
                        .expect(ints(DType.UINT32, dims(), 0x7fc00000L)),
                OpCase.of("empty", new BitCast(DType.INT8), ints(DType.UINT8, dims(0, 2)))
                        .expect(ints(DType.INT8, dims(0, 2))),
                OpCase.of("widths differ", new BitCast(DType.INT64), f32(dims(1), 1))
                        .fails("types of the same width"));
    }
}
