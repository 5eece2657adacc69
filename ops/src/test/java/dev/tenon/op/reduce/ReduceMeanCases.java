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

/** Cases of {@link ReduceMean}. */
public final class ReduceMeanCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 0.072916664f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceMean(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 0.072916664f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 0.072916664f)),
                OpCase.of(
                                "last axis",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), -0.5f, 2.25f, -1.375f, 1.5f, -2.9375f, 1.5f)),
                OpCase.of(
                                "first axis",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 1.5f, -0.5f, -2.75f, 2.0625f, 1, -0.875f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceMean(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), -0.5f, 0.75f, 0.33333334f, -0.29166666f)),
                OpCase.of(
                                "two axes",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 0.5f, -0.34375f, 0.0625f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceMean(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 0.125f, 0.020833334f)),
                OpCase.of(
                                "axis twice",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), -0.5f, 0.75f, 0.33333334f, -0.29166666f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceMean(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceMean(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceMean(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), -0.5f, 0.75f, 0.33333334f, -0.29166666f)),
                OpCase.of("scalar", new ReduceMean(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceMean(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceMean(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN)),
                OpCase.of("no results", new ReduceMean(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceMean(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 1.5, 3.5)),
                OpCase.of(
                                "bfloat16",
                                new ReduceMean(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 1.5, 3.5)),
                OpCase.of("float64", new ReduceMean(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 2, 3)),
                OpCase.of("NaN", new ReduceMean(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 1.5f)),
                OpCase.of("infinity", new ReduceMean(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceMean(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.NEGATIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 20, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 21, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 22, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 23, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 24, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 25, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 26, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 27, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 28, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 29, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 30, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 31, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 32, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 33, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceMean(true, false),
                        random(DType.FLOAT32, 34, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceMean(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceMean(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of(
                                "int32 truncated",
                                new ReduceMean(true, false),
                                ints(DType.INT32, dims(2, 2), 1, 2, -1, -2),
                                axes(1))
                        .expect(ints(DType.INT32, dims(2, 1), 1, -1)),
                OpCase.of("uint64", new ReduceMean(true, false), ints(DType.UINT64, dims(2), -9223372036854775808L, 2))
                        .expect(ints(DType.UINT64, dims(1), 4611686018427387905L)),
                OpCase.of("integers of nothing", new ReduceMean(true, false), i64(dims(0)))
                        .expect(i64(dims(1), 0)));
    }
}
