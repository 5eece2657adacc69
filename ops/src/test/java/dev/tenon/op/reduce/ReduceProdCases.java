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

/** Cases of {@link ReduceProd}. */
public final class ReduceProdCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 45)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceProd(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 45)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 45)),
                OpCase.of(
                                "last axis",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), -2, 2, -0.75f, 2, -0.75f, -10)),
                OpCase.of(
                                "first axis",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 2, -2, -3, 0.5f, -15, -0.5f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceProd(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), -1.5f, -2, -60, -0.25f)),
                OpCase.of(
                                "two axes",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), -4, -1.5f, 7.5f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceProd(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 3, 15)),
                OpCase.of(
                                "axis twice",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), -1.5f, -2, -60, -0.25f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceProd(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceProd(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceProd(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), -1.5f, -2, -60, -0.25f)),
                OpCase.of("scalar", new ReduceProd(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceProd(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceProd(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), 1, 1, 1, 1, 1, 1)),
                OpCase.of("no results", new ReduceProd(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceProd(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 2, 12)),
                OpCase.of(
                                "bfloat16",
                                new ReduceProd(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 2, 12)),
                OpCase.of("float64", new ReduceProd(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 3, 8)),
                OpCase.of("NaN", new ReduceProd(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 2)),
                OpCase.of("infinity", new ReduceProd(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceProd(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.NEGATIVE_INFINITY)),
                OpCase.of(
                        "random [3, 9] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 80, 3, 9),
                        axes(1)),
                OpCase.of(
                        "random [2, 9] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 81, 2, 9),
                        axes(1)),
                OpCase.of(
                        "random [3, 9] over [-1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 82, 3, 9),
                        axes(-1)),
                OpCase.of(
                        "random [2, 9] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 83, 2, 9),
                        axes(1)),
                OpCase.of(
                        "random [1, 9] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 84, 1, 9),
                        axes(1)),
                OpCase.of(
                        "random [7, 9] over [0]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 85, 7, 9),
                        axes(0)),
                OpCase.of(
                        "random [9, 9] over [0]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 86, 9, 9),
                        axes(0)),
                OpCase.of(
                        "random [9, 9] over [0]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 87, 9, 9),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 9] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 88, 2, 5, 9),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 89, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 9] over [2, 3]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 90, 2, 3, 4, 9),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 9] over [1, 3]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 91, 2, 3, 4, 9),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 9] over [0, 2]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 92, 6, 4, 9),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 93, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 9] over [0]",
                        new ReduceProd(true, false),
                        random(DType.FLOAT32, 94, 2, 9),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceProd(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceProd(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32 wraps", new ReduceProd(true, false), ints(DType.INT32, dims(2), 1073741824, 6))
                        .expect(ints(DType.INT32, dims(1), -2147483648)),
                OpCase.of("int64", new ReduceProd(true, false), i64(dims(3), -3, 4, 5))
                        .expect(i64(dims(1), -60)),
                OpCase.of("uint32 of nothing", new ReduceProd(true, false), ints(DType.UINT32, dims(0)))
                        .expect(ints(DType.UINT32, dims(1), 1)));
    }
}
