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

/** Cases of {@link ReduceSum}. */
public final class ReduceSumCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 0.875f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceSum(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 0.875f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 0.875f)),
                OpCase.of(
                                "last axis",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), -1, 4.5f, -2.75f, 3, -5.875f, 3)),
                OpCase.of(
                                "first axis",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 3, -1, -5.5f, 4.125f, 2, -1.75f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceSum(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), -1.5f, 2.25f, 1, -0.875f)),
                OpCase.of(
                                "two axes",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 2, -1.375f, 0.25f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceSum(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 0.75f, 0.125f)),
                OpCase.of(
                                "axis twice",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), -1.5f, 2.25f, 1, -0.875f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceSum(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceSum(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceSum(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), -1.5f, 2.25f, 1, -0.875f)),
                OpCase.of("scalar", new ReduceSum(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceSum(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceSum(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), 0, 0, 0, 0, 0, 0)),
                OpCase.of("no results", new ReduceSum(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceSum(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 3, 7)),
                OpCase.of(
                                "bfloat16",
                                new ReduceSum(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 3, 7)),
                OpCase.of("float64", new ReduceSum(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 4, 6)),
                OpCase.of("NaN", new ReduceSum(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 3)),
                OpCase.of("infinity", new ReduceSum(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceSum(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.NEGATIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 0, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 1, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 2, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 3, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 4, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 5, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 6, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 7, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 8, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 9, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 10, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 11, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 12, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 13, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceSum(true, false),
                        random(DType.FLOAT32, 14, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceSum(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceSum(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32 wraps", new ReduceSum(true, false), ints(DType.INT32, dims(2), 2147483647, 2))
                        .expect(ints(DType.INT32, dims(1), -2147483647)),
                OpCase.of("uint32", new ReduceSum(true, false), ints(DType.UINT32, dims(2), 4294967295L, 2))
                        .expect(ints(DType.UINT32, dims(1), 1)),
                OpCase.of("int64", new ReduceSum(true, false), i64(dims(2, 2), 1, 1099511627776L, 3, -5), axes(1))
                        .expect(i64(dims(2, 1), 1099511627777L, -2)),
                OpCase.of(
                                "uint64",
                                new ReduceSum(true, false),
                                ints(DType.UINT64, dims(2), -9223372036854775808L, -9223372036854775807L))
                        .expect(ints(DType.UINT64, dims(1), 1)));
    }
}
