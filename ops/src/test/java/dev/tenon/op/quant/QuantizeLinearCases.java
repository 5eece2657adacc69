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

/** Cases of {@link QuantizeLinear}. */
public final class QuantizeLinearCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "u8, zero point 0",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(14), 0, 0, 0, 0, 0, 0, 0, 1, 3, 5, 255, 255, 255, 255)),
                OpCase.of(
                                "u8, zero point 128",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 128))
                        .expect(ints(DType.UINT8, dims(14), "0 121 123 127 128 128 128 129 131 133 255 255 255 255")),
                OpCase.of(
                                "i8, zero point 0",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.INT8, dims(), 0))
                        .expect(ints(DType.INT8, dims(14), -128, -7, -5, -1, 0, 0, 0, 1, 3, 5, 127, 127, 127, 127)),
                OpCase.of(
                                "i8, zero point -3",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.INT8, dims(), -3))
                        .expect(ints(DType.INT8, dims(14), "-128 -10 -8 -4 -3 -3 -3 -2 0 2 127 127 127 127")),
                OpCase.of(
                                "u16, zero point 100",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.UINT16, dims(), 100))
                        .expect(ints(DType.UINT16, dims(14), "0 93 95 99 100 100 100 101 103 105 360 611 612 2100")),
                OpCase.of(
                                "i16, zero point -7",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.INT16, dims(), -7))
                        .expect(ints(DType.INT16, dims(14), "-2007 -14 -12 -8 -7 -7 -7 -6 -4 -2 253 504 505 1993")),
                OpCase.of(
                                "u4, zero point 3",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.UINT4, dims(), 3))
                        .expect(ints(DType.UINT4, dims(14), 0, 0, 0, 2, 3, 3, 3, 4, 6, 8, 15, 15, 15, 15)),
                OpCase.of(
                                "i4, zero point -1",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.INT4, dims(), -1))
                        .expect(ints(DType.INT4, dims(14), -8, -8, -6, -2, -1, -1, -1, 0, 2, 4, 7, 7, 7, 7)),
                OpCase.of(
                                "u2, zero point 1",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.UINT2, dims(), 1))
                        .expect(ints(DType.UINT2, dims(14), 0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3)),
                OpCase.of(
                                "i2, zero point 0",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 0.5f),
                                ints(DType.INT2, dims(), 0))
                        .expect(ints(DType.INT2, dims(14), -2, -2, -2, -1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1)),
                OpCase.of(
                                "uint8 by default",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 2))
                        .expect(ints(DType.UINT8, dims(14), 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 65, 128, 128, 255)),
                OpCase.of(
                                "type by attribute",
                                new QuantizeLinear(1, true, 0, DType.INT8, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 2))
                        .expect(ints(DType.INT8, dims(14), -128, -2, -1, 0, 0, 0, 0, 0, 1, 1, 65, 127, 127, 127)),
                OpCase.of(
                                "scale of one element",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(1, 2), 1, 2),
                                f32(dims(1), 0.5f),
                                ints(DType.UINT8, dims(1), 3))
                        .expect(ints(DType.UINT8, dims(1, 2), 5, 7)),
                OpCase.of(
                                "quotient in float32",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(3), 0.1f, 0.3f, 0.7f),
                                f32(dims(), 0.2f),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(3), 0, 2, 4)),
                OpCase.of(
                                "NaN and infinities",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(3), Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY),
                                f32(dims(), 1),
                                ints(DType.INT8, dims(), 5))
                        .expect(ints(DType.INT8, dims(3), -128, 127, -128)),
                OpCase.of(
                                "scale zero",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(3), 1, 0, -1),
                                f32(dims(), 0),
                                ints(DType.UINT8, dims(), 7))
                        .expect(ints(DType.UINT8, dims(3), 255, 0, 0)),
                OpCase.of(
                                "by the second axis",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8),
                                f32(dims(2), 1, 0.5f),
                                ints(DType.UINT8, dims(2), 0, 10))
                        .expect(ints(DType.UINT8, dims(2, 2, 2), 1, 2, 16, 18, 5, 6, 24, 26)),
                OpCase.of(
                                "by the last axis",
                                new QuantizeLinear(-1, true, 0, null, null),
                                f32(dims(2, 3), 1, 2, 3, 4, 5, 6),
                                f32(dims(3), 1, 0.5f, 2),
                                ints(DType.INT8, dims(3), 0, 1, 2))
                        .expect(ints(DType.INT8, dims(2, 3), 1, 5, 4, 4, 11, 5)),
                OpCase.of(
                                "by the first axis",
                                new QuantizeLinear(0, true, 0, null, null),
                                f32(dims(2, 2), 1, 2, 3, 4),
                                f32(dims(2), 1, 0.5f))
                        .expect(ints(DType.UINT8, dims(2, 2), 1, 2, 6, 8)),
                OpCase.of(
                                "vector by its axis",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(3), 1, 2, 3),
                                f32(dims(3), 1, 0.5f, 2))
                        .expect(ints(DType.UINT8, dims(3), 1, 4, 2)),
                OpCase.of(
                                "blocks",
                                new QuantizeLinear(1, true, 2, null, null),
                                f32(dims(2, 4), 1, 2, 3, 4, 5, 6, 7, 8),
                                f32(dims(2, 2), 1, 0.5f, 2, 0.25f),
                                ints(DType.UINT8, dims(2, 2), 0, 1, 2, 3))
                        .expect(ints(DType.UINT8, dims(2, 4), 1, 2, 7, 9, 4, 5, 31, 35)),
                OpCase.of(
                                "blocks, the last one short",
                                new QuantizeLinear(0, true, 2, null, null),
                                f32(dims(3, 1), 1, 2, 3),
                                f32(dims(2, 1), 1, 0.5f))
                        .expect(ints(DType.UINT8, dims(3, 1), 1, 2, 6)),
                OpCase.of(
                                "blocks of derived size",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(1, 4), 1, 2, 3, 4),
                                f32(dims(1, 2), 1, 0.5f))
                        .expect(ints(DType.UINT8, dims(1, 4), 1, 2, 6, 8)),
                OpCase.of(
                                "int32",
                                new QuantizeLinear(1, true, 0, null, null),
                                ints(DType.INT32, dims(3), -3, 5, 1000),
                                f32(dims(), 2),
                                ints(DType.INT8, dims(), 0))
                        .expect(ints(DType.INT8, dims(3), -2, 2, 127)),
                OpCase.of(
                                "float16, quotient in float16",
                                new QuantizeLinear(1, true, 0, null, null),
                                reals(DType.FLOAT16, dims(2), 2049, 3),
                                reals(DType.FLOAT16, dims(), 2),
                                ints(DType.UINT16, dims(), 0))
                        .expect(ints(DType.UINT16, dims(2), 1024, 2)),
                OpCase.of(
                                "float16 by float32 scale",
                                new QuantizeLinear(1, true, 0, null, null),
                                reals(DType.FLOAT16, dims(2), 3, -1),
                                f32(dims(), 2),
                                ints(DType.UINT8, dims(), 1))
                        .expect(ints(DType.UINT8, dims(2), 3, 1)),
                OpCase.of(
                                "bfloat16",
                                new QuantizeLinear(1, true, 0, null, null),
                                reals(DType.BFLOAT16, dims(2), 3, 5),
                                reals(DType.BFLOAT16, dims(), 2),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(2), 2, 2)),
                OpCase.of(
                                "precision float16",
                                new QuantizeLinear(1, true, 0, null, DType.FLOAT16),
                                f32(dims(2), 2049, 1),
                                f32(dims(), 1),
                                ints(DType.UINT16, dims(), 0))
                        .expect(ints(DType.UINT16, dims(2), 2048, 1)),
                OpCase.of(
                                "scale of powers of two",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(2), 3, 5),
                                reals(DType.FLOAT8E8M0, dims(), 2),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(2), 2, 2)),
                OpCase.of(
                                "float8, saturating",
                                new QuantizeLinear(1, true, 0, DType.FLOAT8E4M3FN, null),
                                f32(dims(4), 1.0625f, 500, -1000000f, 0.3f),
                                f32(dims(), 1))
                        .expect(reals(DType.FLOAT8E4M3FN, dims(4), 1, 448, -448, 0.3125)),
                OpCase.of(
                        "float8, not saturating",
                        new QuantizeLinear(1, false, 0, DType.FLOAT8E5M2, null),
                        f32(dims(2), 1, 1000000f),
                        f32(dims(), 1)),
                OpCase.of(
                                "float8 with zero point",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(2), 1, 2),
                                f32(dims(), 0.5f),
                                reals(DType.FLOAT8E5M2, dims(), 0))
                        .expect(reals(DType.FLOAT8E5M2, dims(2), 2, 4)),
                OpCase.of(
                                "float4",
                                new QuantizeLinear(1, true, 0, DType.FLOAT4E2M1, null),
                                f32(dims(5), 0.2f, 0.3f, 2.5f, 100, -5),
                                f32(dims(), 1))
                        .expect(reals(DType.FLOAT4E2M1, dims(5), 0, 0.5, 2, 6, -4)),
                OpCase.of(
                                "scalar",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(), 3),
                                f32(dims(), 2),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(), 2)),
                OpCase.of("empty", new QuantizeLinear(1, true, 0, null, null), f32(dims(0, 2)), f32(dims(), 2))
                        .expect(ints(DType.UINT8, dims(0, 2))),
                OpCase.of(
                        "random [5] to u8",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 1, 5),
                        f32(dims(), 0.03f),
                        ints(DType.UINT8, dims(), 7)),
                OpCase.of(
                        "random [16] to i8",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 2, 16),
                        f32(dims(), 0.03f),
                        ints(DType.INT8, dims(), 7)),
                OpCase.of(
                        "random [3, 33] to u8",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 3, 3, 33),
                        f32(dims(), 0.03f),
                        ints(DType.UINT8, dims(), 7)),
                OpCase.of(
                        "random [100] to i8",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 4, 100),
                        f32(dims(), 0.03f),
                        ints(DType.INT8, dims(), 7)),
                OpCase.of(
                        "random by the second axis",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 9, 2, 3, 37),
                        f32(dims(3), 0.1f, 0.02f, 0.3f),
                        ints(DType.INT8, dims(3), 0, 5, -5)),
                OpCase.of(
                        "random by the second axis, short runs",
                        new QuantizeLinear(1, true, 0, null, null),
                        random(DType.FLOAT32, 10, 2, 3, 5),
                        f32(dims(3), 0.1f, 0.02f, 0.3f)),
                OpCase.of(
                                "output_dtype differs from the zero point",
                                new QuantizeLinear(1, true, 0, DType.INT8, null),
                                f32(dims(14), "-1000 -3.5 -2.5 -0.5 -0.25 0 0.25 0.5 1.5 2.5 130 255.5 256 1000"),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .fails("output_dtype i8; allowed u8"),
                OpCase.of(
                                "scales do not fit",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(2, 3), 0, 1, 2, 3, 4, 5),
                                f32(dims(2), 1, 1))
                        .fails("scale of shape [2]; allowed a scalar, or [3] for axis 1"),
                OpCase.of(
                                "zero points do not fit",
                                new QuantizeLinear(1, true, 0, null, null),
                                f32(dims(2, 3), 0, 1, 2, 3, 4, 5),
                                f32(dims(3), 1, 1, 1),
                                ints(DType.UINT8, dims(2), 1, 1))
                        .fails("zero point of shape [2]; allowed that of the scale"),
                OpCase.of(
                                "blocks do not fit",
                                new QuantizeLinear(1, true, 2, null, null),
                                f32(dims(2, 4), 0, 1, 2, 3, 4, 5, 6, 7),
                                f32(dims(2, 3), 1, 1, 1, 1, 1, 1))
                        .fails("2 scales along axis 1"),
                OpCase.of(
                                "rank does not fit",
                                new QuantizeLinear(1, true, 1, null, null),
                                f32(dims(2, 4), 0, 1, 2, 3, 4, 5, 6, 7),
                                f32(dims(1, 2, 4), 1, 1, 1, 1, 1, 1, 1, 1))
                        .fails("scale of shape [1,2,4]"),
                OpCase.of(
                                "axis outside",
                                new QuantizeLinear(2, true, 0, null, null),
                                f32(dims(2, 3), 0, 1, 2, 3, 4, 5),
                                f32(dims(3), 1, 1, 1))
                        .fails("axis 2 is outside"),
                OpCase.of(
                                "type outside",
                                new QuantizeLinear(1, true, 0, null, null),
                                reals(DType.FLOAT64, dims(1), 1),
                                f32(dims(), 1))
                        .fails("element type f64"));
    }
}
