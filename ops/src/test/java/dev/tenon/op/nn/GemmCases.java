package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Gemm}. */
public final class GemmCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "product alone",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4))
                        .expect(f32(dims(2, 4), 2.5f, 2.125f, 1.75f, 1.375f, -2, -1.25f, -0.5f, 0.25f)),
                OpCase.of(
                                "row added",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(4), 1, 2, 3, 4))
                        .expect(f32(dims(2, 4), 3.5f, 4.125f, 4.75f, 5.375f, -1, 0.75f, 2.5f, 4.25f)),
                OpCase.of(
                                "column added",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(2, 1), 10, 20))
                        .expect(f32(dims(2, 4), 12.5f, 12.125f, 11.75f, 11.375f, 18, 18.75f, 19.5f, 20.25f)),
                OpCase.of(
                                "scalar added",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(), -1))
                        .expect(f32(dims(2, 4), 1.5f, 1.125f, 0.75f, 0.375f, -3, -2.25f, -1.5f, -0.75f)),
                OpCase.of(
                                "matrix added, factors",
                                new Gemm(0.5f, 2.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                linear(0, 0.5, 2, 4))
                        .expect(f32(dims(2, 4), 1.25f, 2.0625f, 2.875f, 3.6875f, 3, 4.375f, 5.75f, 7.125f)),
                OpCase.of(
                                "row of one added",
                                new Gemm(2.0f, 0.25f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(1), 3))
                        .expect(f32(dims(2, 4), 5.75f, 5, 4.25f, 3.5f, -3.25f, -1.75f, -0.25f, 1.25f)),
                OpCase.of(
                                "left transposed",
                                new Gemm(1.0f, 1.0f, true, false),
                                linear(-1, 0.5, 3, 2),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(1, 4), 1, 2, 3, 4))
                        .expect(f32(dims(2, 4), 3, 4, 5, 6, 1.5f, 2.875f, 4.25f, 5.625f)),
                OpCase.of(
                                "right transposed",
                                new Gemm(1.0f, 1.0f, false, true),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 4, 3))
                        .expect(f32(dims(2, 4), 2.875f, 1.75f, 0.625f, -0.5f, -5, -2.75f, -0.5f, 1.75f)),
                OpCase.of(
                                "both transposed",
                                new Gemm(0.5f, 0.5f, true, true),
                                linear(-1, 0.5, 3, 2),
                                linear(-2, 0.25, 4, 3),
                                f32(dims(4), 1, 2, 3, 4))
                        .expect(f32(dims(2, 4), 0.75f, 1.25f, 1.75f, 2.25f, -0.5625f, 0.5f, 1.5625f, 2.625f)),
                OpCase.of(
                                "nothing in common",
                                new Gemm(1.0f, 1.0f, false, false),
                                f32(dims(2, 0)),
                                f32(dims(0, 2)),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(2, 2), 1, 2, 1, 2)),
                OpCase.of("no rows", new Gemm(1.0f, 1.0f, false, false), f32(dims(0, 3)), linear(-2, 0.25, 3, 4))
                        .expect(f32(dims(0, 4))),
                OpCase.of(
                                "int32 wraps",
                                new Gemm(1.0f, 1.0f, false, false),
                                ints(DType.INT32, dims(1, 1), 1073741824),
                                ints(DType.INT32, dims(1, 2), 4, 3),
                                ints(DType.INT32, dims(2), 7, 0))
                        .expect(ints(DType.INT32, dims(1, 2), 7, -1073741824)),
                OpCase.of(
                                "int64 with factors",
                                new Gemm(0.5f, 0.5f, false, false),
                                i64(dims(1, 2), 3, 5),
                                i64(dims(2, 1), 1, 1),
                                i64(dims(1), 9))
                        .expect(i64(dims(1, 1), 8)),
                OpCase.of(
                                "float16",
                                new Gemm(1.0f, 1.0f, false, false),
                                reals(DType.FLOAT16, dims(1, 2), 1, 2),
                                reals(DType.FLOAT16, dims(2, 1), 3, 4),
                                reals(DType.FLOAT16, dims(1), 0.5))
                        .expect(reals(DType.FLOAT16, dims(1, 1), 11.5)),
                OpCase.of(
                                "float64",
                                new Gemm(1.0f, 1.0f, false, false),
                                reals(DType.FLOAT64, dims(1, 1), 3),
                                reals(DType.FLOAT64, dims(1, 1), 8.881784197001252e-16),
                                reals(DType.FLOAT64, dims(1), 1))
                        .expect(reals(DType.FLOAT64, dims(1, 1), 1.0000000000000027)),
                OpCase.of(
                        "random",
                        new Gemm(1.0f, 1.0f, false, true),
                        random(DType.FLOAT32, 1, 17, 40),
                        random(DType.FLOAT32, 2, 33, 40),
                        random(DType.FLOAT32, 3, 33)),
                OpCase.of(
                        "random, left transposed, factors",
                        new Gemm(0.75f, -1.5f, true, false),
                        random(DType.FLOAT32, 4, 19, 7),
                        random(DType.FLOAT32, 5, 19, 50),
                        random(DType.FLOAT32, 6, 7, 50)),
                OpCase.of(
                                "sizes differ",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(0, 0.5, 2, 3))
                        .fails("3 columns and 2 rows"),
                OpCase.of(
                                "sum too large",
                                new Gemm(1.0f, 1.0f, false, false),
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                linear(0, 0.5, 3, 4))
                        .fails("broadcast to [2,4]"),
                OpCase.of("rank 3", new Gemm(1.0f, 1.0f, false, false), linear(0, 0.5, 1, 2, 3), linear(-2, 0.25, 3, 4))
                        .fails("rank 2"));
    }
}
