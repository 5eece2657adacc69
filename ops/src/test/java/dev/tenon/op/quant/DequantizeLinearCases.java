package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DequantizeLinear}. */
public final class DequantizeLinearCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "u8",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(4), 0, 3, 128, 255),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 128))
                        .expect(f32(dims(4), -64, -62.5f, 0, 63.5f)),
                OpCase.of(
                                "i8",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT8, dims(4), -128, -1, 0, 127),
                                f32(dims(), 0.5f),
                                ints(DType.INT8, dims(), -3))
                        .expect(f32(dims(4), -62.5f, 1, 1.5f, 65)),
                OpCase.of(
                                "u16",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT16, dims(3), 0, 40000, 65535),
                                f32(dims(), 0.5f),
                                ints(DType.UINT16, dims(), 32768))
                        .expect(f32(dims(3), -16384, 3616, 16383.5f)),
                OpCase.of(
                                "i16",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT16, dims(3), -32768, 0, 32767),
                                f32(dims(), 0.5f),
                                ints(DType.INT16, dims(), 1))
                        .expect(f32(dims(3), -16384.5f, -0.5f, 16383)),
                OpCase.of(
                                "u4",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT4, dims(3), 0, 7, 15),
                                f32(dims(), 0.5f),
                                ints(DType.UINT4, dims(), 8))
                        .expect(f32(dims(3), -4, -0.5f, 3.5f)),
                OpCase.of(
                                "i4",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT4, dims(3), -8, 0, 7),
                                f32(dims(), 0.5f),
                                ints(DType.INT4, dims(), -1))
                        .expect(f32(dims(3), -3.5f, 0.5f, 4)),
                OpCase.of(
                                "u2",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT2, dims(4), 0, 1, 2, 3),
                                f32(dims(), 0.5f),
                                ints(DType.UINT2, dims(), 2))
                        .expect(f32(dims(4), -1, -0.5f, 0, 0.5f)),
                OpCase.of(
                                "i2",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT2, dims(4), -2, -1, 0, 1),
                                f32(dims(), 0.5f),
                                ints(DType.INT2, dims(), 0))
                        .expect(f32(dims(4), -1, -0.5f, 0, 0.5f)),
                OpCase.of(
                                "no zero point",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(2), 3, 200),
                                f32(dims(), 0.25f))
                        .expect(f32(dims(2), 0.75f, 50)),
                OpCase.of(
                                "int32",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT32, dims(3), -5, 16777217, 2147483647),
                                f32(dims(), 0.1f))
                        .expect(f32(dims(3), -0.5f, 1677721.6f, 2.1474837e8f)),
                OpCase.of(
                                "int32 with zero point",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT32, dims(1), -2147483648),
                                f32(dims(), 1),
                                ints(DType.INT32, dims(), 2147483647))
                        .expect(f32(dims(1), -4.2949673e9f)),
                OpCase.of(
                                "product in float32",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(2), 77, 255),
                                f32(dims(), 0.007f))
                        .expect(f32(dims(2), 0.53900003f, 1.7850001f)),
                OpCase.of(
                                "by the second axis",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(1, 2, 2), 1, 2, 3, 4),
                                f32(dims(2), 1, 0.5f),
                                ints(DType.UINT8, dims(2), 0, 1))
                        .expect(f32(dims(1, 2, 2), 1, 2, 1, 1.5f)),
                OpCase.of(
                                "by the last axis",
                                new DequantizeLinear(-1, 0, null),
                                ints(DType.INT8, dims(2, 2), 1, 2, 3, 4),
                                f32(dims(2), 1, 0.5f))
                        .expect(f32(dims(2, 2), 1, 1, 3, 2)),
                OpCase.of(
                                "blocks",
                                new DequantizeLinear(1, 2, null),
                                ints(DType.UINT4, dims(2, 3), 1, 2, 3, 4, 5, 6),
                                f32(dims(2, 2), 1, 0.5f, 2, 0.25f),
                                ints(DType.UINT4, dims(2, 2), 0, 1, 2, 3))
                        .expect(f32(dims(2, 3), 1, 2, 1, 4, 6, 0.75f)),
                OpCase.of(
                                "blocks along the first axis",
                                new DequantizeLinear(0, 2, null),
                                ints(DType.INT8, dims(3, 2), 1, 2, 3, 4, 5, 6),
                                f32(dims(2, 2), 1, 2, 3, 4))
                        .expect(f32(dims(3, 2), 1, 4, 3, 8, 15, 24)),
                OpCase.of(
                                "float16",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(2), 3, 200),
                                reals(DType.FLOAT16, dims(), 0.5),
                                ints(DType.UINT8, dims(), 1))
                        .expect(reals(DType.FLOAT16, dims(2), 1, 99.5)),
                OpCase.of(
                                "bfloat16",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.INT8, dims(1), -100),
                                reals(DType.BFLOAT16, dims(), 0.5))
                        .expect(reals(DType.BFLOAT16, dims(1), -50)),
                OpCase.of(
                                "type by attribute",
                                new DequantizeLinear(1, 0, DType.FLOAT16),
                                ints(DType.INT8, dims(2), 3, -5),
                                f32(dims(), 0.5f))
                        .expect(reals(DType.FLOAT16, dims(2), 1.5, -2.5)),
                OpCase.of(
                                "scale of powers of two",
                                new DequantizeLinear(1, 0, DType.FLOAT32),
                                reals(DType.FLOAT4E2M1, dims(3), 6, -1.5, 0.5),
                                reals(DType.FLOAT8E8M0, dims(), 4))
                        .expect(f32(dims(3), 24, -6, 2)),
                OpCase.of(
                                "float8",
                                new DequantizeLinear(1, 0, null),
                                reals(DType.FLOAT8E4M3FN, dims(3), 1.5, -448, 0.25),
                                f32(dims(), 2))
                        .expect(f32(dims(3), 3, -896, 0.5f)),
                OpCase.of(
                                "float8 with zero point",
                                new DequantizeLinear(1, 0, null),
                                reals(DType.FLOAT8E5M2, dims(2), 3, -2),
                                f32(dims(), 2),
                                reals(DType.FLOAT8E5M2, dims(), 1))
                        .expect(f32(dims(2), 4, -6)),
                OpCase.of("scalar", new DequantizeLinear(1, 0, null), ints(DType.UINT8, dims(), 3), f32(dims(), 2))
                        .expect(f32(dims(), 6)),
                OpCase.of("empty", new DequantizeLinear(1, 0, null), ints(DType.UINT8, dims(0, 2)), f32(dims(), 2))
                        .expect(f32(dims(0, 2))),
                OpCase.of(
                        "random [5] of u8",
                        new DequantizeLinear(1, 0, null),
                        random(DType.UINT8, 1, 5),
                        f32(dims(), 0.03f),
                        ints(DType.UINT8, dims(), 7)),
                OpCase.of(
                        "random [16] of i8",
                        new DequantizeLinear(1, 0, null),
                        random(DType.INT8, 2, 16),
                        f32(dims(), 0.03f),
                        ints(DType.INT8, dims(), 7)),
                OpCase.of(
                        "random [3, 33] of u8",
                        new DequantizeLinear(1, 0, null),
                        random(DType.UINT8, 3, 3, 33),
                        f32(dims(), 0.03f),
                        ints(DType.UINT8, dims(), 7)),
                OpCase.of(
                        "random [100] of i8",
                        new DequantizeLinear(1, 0, null),
                        random(DType.INT8, 4, 100),
                        f32(dims(), 0.03f),
                        ints(DType.INT8, dims(), 7)),
                OpCase.of(
                        "random [40] of i32",
                        new DequantizeLinear(1, 0, null),
                        random(DType.INT32, 5, 40),
                        f32(dims(), 0.03f),
                        ints(DType.INT32, dims(), 7)),
                OpCase.of(
                        "random by the second axis",
                        new DequantizeLinear(1, 0, null),
                        random(DType.INT8, 9, 2, 3, 37),
                        f32(dims(3), 0.1f, 0.02f, 0.3f),
                        ints(DType.INT8, dims(3), 0, 5, -5)),
                OpCase.of(
                        "random by the second axis, short runs",
                        new DequantizeLinear(1, 0, null),
                        random(DType.UINT8, 10, 2, 3, 5),
                        f32(dims(3), 0.1f, 0.02f, 0.3f)),
                OpCase.of(
                                "no type for the result",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(1), 3),
                                reals(DType.FLOAT8E8M0, dims(), 4))
                        .fails("without output_dtype"),
                OpCase.of(
                                "scales do not fit",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(2, 3), 0, 1, 2, 3, 4, 5),
                                f32(dims(2), 1, 1))
                        .fails("scale of shape [2]"),
                OpCase.of(
                                "types differ",
                                new DequantizeLinear(1, 0, null),
                                ints(DType.UINT8, dims(1), 3),
                                f32(dims(), 2),
                                ints(DType.INT8, dims(), 0))
                        .fails("element type i8; allowed u8, as the operand before it"));
    }
}
