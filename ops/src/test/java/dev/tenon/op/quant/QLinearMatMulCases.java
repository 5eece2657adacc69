package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QLinearMatMul}. */
public final class QLinearMatMulCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "uint8",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 4), 208, 236, 0, 238, 3, 214, 255, 29),
                                f32(dims(), 0.0066f),
                                ints(DType.UINT8, dims(), 113),
                                ints(DType.UINT8, dims(4, 3), 152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247),
                                f32(dims(), 0.00705f),
                                ints(DType.UINT8, dims(), 114),
                                f32(dims(), 0.0107f),
                                ints(DType.UINT8, dims(), 118))
                        .expect(ints(DType.UINT8, dims(2, 3), 168, 115, 255, 1, 66, 151)),
                OpCase.of(
                                "int8",
                                new QLinearMatMul(),
                                ints(DType.INT8, dims(1, 2), -128, 127),
                                f32(dims(), 0.5f),
                                ints(DType.INT8, dims(), 0),
                                ints(DType.INT8, dims(2, 2), 1, -2, 3, 4),
                                f32(dims(), 0.25f),
                                ints(DType.INT8, dims(), 1),
                                f32(dims(), 2),
                                ints(DType.INT8, dims(), -5))
                        .expect(ints(DType.INT8, dims(1, 2), 11, 43)),
                OpCase.of(
                                "mixed signs",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(1, 2), 200, 3),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 100),
                                ints(DType.INT8, dims(2, 2), 1, -2, 3, 4),
                                f32(dims(), 0.25f),
                                ints(DType.INT8, dims(), 0),
                                f32(dims(), 4),
                                ints(DType.UINT8, dims(), 10))
                        .expect(ints(DType.UINT8, dims(1, 2), 4, 0)),
                OpCase.of(
                                "saturates",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(1, 1), 255),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.INT8, dims(1, 2), 127, -128),
                                f32(dims(), 1),
                                ints(DType.INT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.INT8, dims(), 0))
                        .expect(ints(DType.INT8, dims(1, 2), 127, -128)),
                OpCase.of(
                                "halves round to even",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(4, 1), 1, 3, 5, 7),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(1, 1), 1),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(4, 1), 0, 2, 2, 4)),
                OpCase.of(
                                "scales by row and column",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 2), 1, 2, 3, 4),
                                f32(dims(2, 1), 1, 0.5f),
                                ints(DType.UINT8, dims(2, 1), 0, 1),
                                ints(DType.UINT8, dims(2, 2), 5, 6, 7, 8),
                                f32(dims(1, 2), 1, 0.25f),
                                ints(DType.UINT8, dims(1, 2), 1, 0),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 3))
                        .expect(ints(DType.UINT8, dims(2, 2), 35, 14, 29, 12)),
                OpCase.of(
                                "stacks",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 1, 2), 1, 2, 3, 4),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(2, 2), 5, 6, 7, 8),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 1),
                                f32(dims(), 2),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(2, 1, 2), 8, 10, 18, 22)),
                OpCase.of(
                                "float16 scales",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(1, 1), 4),
                                reals(DType.FLOAT16, dims(), 0.5),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(1, 1), 3),
                                reals(DType.FLOAT16, dims(), 0.5),
                                ints(DType.UINT8, dims(), 0),
                                reals(DType.FLOAT16, dims(), 0.25),
                                ints(DType.UINT8, dims(), 1))
                        .expect(ints(DType.UINT8, dims(1, 1), 13)),
                OpCase.of(
                                "float8",
                                new QLinearMatMul(),
                                reals(DType.FLOAT8E4M3FN, dims(1, 2), 1.5, 2),
                                f32(dims(), 2),
                                reals(DType.FLOAT8E4M3FN, dims(), 0),
                                reals(DType.FLOAT8E4M3FN, dims(2, 1), 4, -1),
                                f32(dims(), 0.5f),
                                reals(DType.FLOAT8E4M3FN, dims(), 0),
                                f32(dims(), 1),
                                reals(DType.FLOAT8E4M3FN, dims(), 0))
                        .expect(reals(DType.FLOAT8E4M3FN, dims(1, 1), 4)),
                OpCase.of(
                                "no rows",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(0, 2)),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(2, 2), 5, 6, 7, 8),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 1),
                                f32(dims(), 2),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(0, 2))),
                OpCase.of(
                                "sizes differ",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 4), 208, 236, 0, 238, 3, 214, 255, 29),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(2, 4), 208, 236, 0, 238, 3, 214, 255, 29),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .fails("4 columns and 2 rows"),
                OpCase.of(
                                "scale does not fit",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 4), 208, 236, 0, 238, 3, 214, 255, 29),
                                f32(dims(3), 1, 1, 1),
                                ints(DType.UINT8, dims(), 0),
                                ints(DType.UINT8, dims(4, 3), 152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .fails("one number for each row"),
                OpCase.of(
                                "operand missing",
                                new QLinearMatMul(),
                                ints(DType.UINT8, dims(2, 4), 208, 236, 0, 238, 3, 214, 255, 29),
                                f32(dims(), 1),
                                null,
                                ints(DType.UINT8, dims(4, 3), 152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .fails("'a_zero_point' is missing"));
    }
}
