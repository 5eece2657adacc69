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

/** Cases of {@link MatMul}. */
public final class MatMulCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("matrices", new MatMul(), linear(-1, 0.5, 2, 3), linear(2, 0.25, 3, 2))
                        .expect(f32(dims(2, 2), -3.25f, -3.625f, 8, 8.75f)),
                OpCase.of("stacks broadcast", new MatMul(), linear(-2, 0.25, 2, 1, 2, 3), linear(-1, 0.125, 3, 3, 2))
                        .expect(f32(dims(2, 3, 2, 2), """
                                4.0625 3.40625   2.375 2   0.125 -0.53125   0.125 -0.25
                                -3.8125 -4.46875   -2.125 -2.5   0.6875 0.59375
                                -1 -0.8125   0.125 0.03125   0.125 0.3125
                                -0.4375 -0.53125   1.25 1.4375""")),
                OpCase.of("stack by one matrix", new MatMul(), linear(-2, 0.25, 2, 2, 3), linear(1, 0.5, 3, 1))
                        .expect(f32(dims(2, 2, 1), -7.625f, -4.25f, -0.875f, 2.5f)),
                OpCase.of("row by matrix", new MatMul(), f32(dims(3), 1, 2, 3), linear(0, 0.5, 3, 2))
                        .expect(f32(dims(2), 8, 11)),
                OpCase.of("matrix by column", new MatMul(), linear(0, 0.5, 2, 3), f32(dims(3), 1, -1, 0.5f))
                        .expect(f32(dims(2), 0, 0.75f)),
                OpCase.of("row by stack", new MatMul(), f32(dims(2), 1, -1), linear(0, 0.5, 2, 2, 3))
                        .expect(f32(dims(2, 3), -1.5f, -1.5f, -1.5f, -1.5f, -1.5f, -1.5f)),
                OpCase.of("dot product", new MatMul(), f32(dims(3), 1, 2, 3), f32(dims(3), 4, 5, 6))
                        .expect(f32(dims(), 32)),
                OpCase.of("nothing in common", new MatMul(), f32(dims(2, 0)), f32(dims(0, 2)))
                        .expect(f32(dims(2, 2), 0, 0, 0, 0)),
                OpCase.of("no rows", new MatMul(), f32(dims(0, 3)), linear(0, 0.5, 3, 2))
                        .expect(f32(dims(0, 2))),
                OpCase.of(
                                "NaN and infinity",
                                new MatMul(),
                                f32(dims(2, 2), Float.NaN, 1, Float.POSITIVE_INFINITY, 1),
                                f32(dims(2, 2), 1, 2, 0, 1))
                        .expect(f32(dims(2, 2), "NaN NaN Infinity Infinity")),
                OpCase.of(
                                "int32 wraps",
                                new MatMul(),
                                ints(DType.INT32, dims(1, 2), 2147483647, 1073741824),
                                ints(DType.INT32, dims(2, 1), 2, 4))
                        .expect(ints(DType.INT32, dims(1, 1), -2)),
                OpCase.of(
                                "uint64 wraps",
                                new MatMul(),
                                ints(DType.UINT64, dims(1, 2), -9223372036854775808L, 5),
                                ints(DType.UINT64, dims(2, 1), 2, 7))
                        .expect(ints(DType.UINT64, dims(1, 1), 35)),
                OpCase.of("int64", new MatMul(), i64(dims(2, 2), 1, 2, -3, 1099511627776L), i64(dims(2, 1), 5, -6))
                        .expect(i64(dims(2, 1), -7, -6597069766671L)),
                OpCase.of(
                                "uint32",
                                new MatMul(),
                                ints(DType.UINT32, dims(1, 2), 4294967295L, 1),
                                ints(DType.UINT32, dims(2, 1), 1, 2))
                        .expect(ints(DType.UINT32, dims(1, 1), 1)),
                OpCase.of(
                                "float16",
                                new MatMul(),
                                reals(DType.FLOAT16, dims(1, 3), 1, 2, 0.5),
                                reals(DType.FLOAT16, dims(3, 1), 0.25, 4, -8))
                        .expect(reals(DType.FLOAT16, dims(1, 1), 4.25)),
                OpCase.of(
                                "bfloat16",
                                new MatMul(),
                                reals(DType.BFLOAT16, dims(1, 2), 1, 3),
                                reals(DType.BFLOAT16, dims(2, 1), 2, 0.5))
                        .expect(reals(DType.BFLOAT16, dims(1, 1), 3.5)),
                OpCase.of(
                                "float64",
                                new MatMul(),
                                reals(DType.FLOAT64, dims(1, 2), 1, 9.094947017729282e-13),
                                reals(DType.FLOAT64, dims(2, 1), 1, 1))
                        .expect(reals(DType.FLOAT64, dims(1, 1), 1.0000000000009095)),
                OpCase.of(
                        "random [5, 17] by [17, 33]",
                        new MatMul(),
                        random(DType.FLOAT32, 11, 5, 17),
                        random(DType.FLOAT32, 51, 17, 33)),
                OpCase.of(
                        "random [2, 3, 7, 64] by [64, 31]",
                        new MatMul(),
                        random(DType.FLOAT32, 12, 2, 3, 7, 64),
                        random(DType.FLOAT32, 52, 64, 31)),
                OpCase.of(
                        "random [1, 300] by [300, 70]",
                        new MatMul(),
                        random(DType.FLOAT32, 13, 1, 300),
                        random(DType.FLOAT32, 53, 300, 70)),
                OpCase.of(
                        "random [13, 1] by [1, 50]",
                        new MatMul(),
                        random(DType.FLOAT32, 14, 13, 1),
                        random(DType.FLOAT32, 54, 1, 50)),
                OpCase.of(
                        "random [4, 40, 19] by [4, 19, 6]",
                        new MatMul(),
                        random(DType.FLOAT32, 15, 4, 40, 19),
                        random(DType.FLOAT32, 55, 4, 19, 6)),
                OpCase.of(
                        "random [33, 128] by [128]",
                        new MatMul(),
                        random(DType.FLOAT32, 16, 33, 128),
                        random(DType.FLOAT32, 56, 128)),
                OpCase.of("sizes differ", new MatMul(), linear(0, 0.5, 2, 3), linear(0, 0.5, 2, 3))
                        .fails("3 columns and 2 rows"),
                OpCase.of("stacks differ", new MatMul(), linear(0, 0.5, 2, 2, 3), linear(0, 0.5, 3, 3, 2))
                        .fails("stacks that broadcast"),
                OpCase.of("scalar", new MatMul(), f32(dims(), 1), linear(0, 0.5, 3, 2))
                        .fails("rank 1 or more"),
                OpCase.of("types differ", new MatMul(), f32(dims(1, 1), 1), reals(DType.FLOAT64, dims(1, 1), 1))
                        .fails("f32, as the operand before it"),
                OpCase.of(
                                "type outside",
                                new MatMul(),
                                ints(DType.INT8, dims(1, 1), 1),
                                ints(DType.INT8, dims(1, 1), 1))
                        .fails("element type i8"));
    }
}
