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

/** Cases of {@link ReduceL1}. */
public final class ReduceL1Cases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 26.875f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceL1(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 26.875f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 26.875f)),
                OpCase.of(
                                "last axis",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), 3, 4.5f, 3.25f, 3, 6.125f, 7)),
                OpCase.of(
                                "first axis",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 3, 3, 6.5f, 4.125f, 8, 2.25f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceL1(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), 4.5f, 6.25f, 13, 3.125f)),
                OpCase.of(
                                "two axes",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 6, 10.625f, 10.25f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceL1(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 10.75f, 16.125f)),
                OpCase.of(
                                "axis twice",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 4.5f, 6.25f, 13, 3.125f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceL1(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceL1(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceL1(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 4.5f, 6.25f, 13, 3.125f)),
                OpCase.of("scalar", new ReduceL1(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceL1(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceL1(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), 0, 0, 0, 0, 0, 0)),
                OpCase.of("no results", new ReduceL1(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceL1(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 3, 7)),
                OpCase.of("bfloat16", new ReduceL1(true, false), reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 3, 7)),
                OpCase.of("float64", new ReduceL1(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 4, 6)),
                OpCase.of("NaN", new ReduceL1(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 3)),
                OpCase.of("infinity", new ReduceL1(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceL1(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 100, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 101, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 102, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 103, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 104, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 105, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 106, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 107, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 108, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 109, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 110, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 111, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 112, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 113, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceL1(true, false),
                        random(DType.FLOAT32, 114, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceL1(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceL1(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32", new ReduceL1(true, false), ints(DType.INT32, dims(3), -3, 4, -5))
                        .expect(ints(DType.INT32, dims(1), 12)),
                OpCase.of("int32 wraps", new ReduceL1(true, false), ints(DType.INT32, dims(1), -2147483648))
                        .expect(ints(DType.INT32, dims(1), -2147483648)),
                OpCase.of("uint64", new ReduceL1(true, false), ints(DType.UINT64, dims(2), -9223372036854775808L, 1))
                        .expect(ints(DType.UINT64, dims(1), -9223372036854775807L)));
    }
}
