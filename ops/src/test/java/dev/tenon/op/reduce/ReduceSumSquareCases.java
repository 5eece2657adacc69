package dev.tenon.op.reduce;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ReduceSumSquare}. */
public final class ReduceSumSquareCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 100.328125f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceSumSquare(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 100.328125f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 100.328125f)),
                OpCase.of(
                                "last axis",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), 5, 16.25f, 9.0625f, 5, 36.015625f, 29)),
                OpCase.of(
                                "first axis",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 5, 5, 36.25f, 16.015625f, 34, 4.0625f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceSumSquare(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), 10.25f, 20.0625f, 65, 5.015625f)),
                OpCase.of(
                                "two axes",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 10, 52.265625f, 38.0625f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceSumSquare(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 30.3125f, 70.015625f)),
                OpCase.of(
                                "axis twice",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 10.25f, 20.0625f, 65, 5.015625f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceSumSquare(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, 4, 0.25f, 16, 9, 0.0625f, 4, 1, 36, 0.015625f, 25, 4)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceSumSquare(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, 4, 0.25f, 16, 9, 0.0625f, 4, 1, 36, 0.015625f, 25, 4)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceSumSquare(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 10.25f, 20.0625f, 65, 5.015625f)),
                OpCase.of("scalar", new ReduceSumSquare(true, false), f32(dims(), 4))
                        .expect(f32(dims(), 16)),
                OpCase.of("one element", new ReduceSumSquare(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 16)),
                OpCase.of("nothing to reduce", new ReduceSumSquare(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), 0, 0, 0, 0, 0, 0)),
                OpCase.of("no results", new ReduceSumSquare(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of(
                                "float16",
                                new ReduceSumSquare(true, false),
                                reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 5, 25)),
                OpCase.of(
                                "bfloat16",
                                new ReduceSumSquare(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 5, 25)),
                OpCase.of(
                                "float64",
                                new ReduceSumSquare(true, false),
                                reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4),
                                axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 10, 20)),
                OpCase.of("NaN", new ReduceSumSquare(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 5)),
                OpCase.of(
                                "infinity",
                                new ReduceSumSquare(true, false),
                                f32(dims(1, 2), Float.POSITIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceSumSquare(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 180, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 181, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 182, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 183, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 184, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 185, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 186, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 187, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 188, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 189, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 190, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 191, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 192, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 193, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceSumSquare(true, false),
                        random(DType.FLOAT32, 194, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceSumSquare(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceSumSquare(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32 wraps", new ReduceSumSquare(true, false), ints(DType.INT32, dims(2), 65536, 3))
                        .expect(ints(DType.INT32, dims(1), 9)),
                OpCase.of("int64", new ReduceSumSquare(true, false), i64(dims(2), -3, 4))
                        .expect(i64(dims(1), 25)));
    }
}
