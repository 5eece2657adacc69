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

/** Cases of {@link ReduceL2}. */
public final class ReduceL2Cases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 10.016393f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceL2(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 10.016393f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 10.016393f)),
                OpCase.of(
                                "last axis",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), 2.236068f, 4.031129f, 3.0103986f, 2.236068f, 6.001302f, 5.3851647f)),
                OpCase.of(
                                "first axis",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), "2.236068 2.236068 6.0207973 4.0019526 5.8309517 2.0155644")),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceL2(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), 3.2015622f, 4.4791183f, 8.062258f, 2.2395592f)),
                OpCase.of(
                                "two axes",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 3.1622777f, 7.229497f, 6.1694813f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceL2(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 5.5056787f, 8.367534f)),
                OpCase.of(
                                "axis twice",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 3.2015622f, 4.4791183f, 8.062258f, 2.2395592f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceL2(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceL2(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceL2(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 3.2015622f, 4.4791183f, 8.062258f, 2.2395592f)),
                OpCase.of("scalar", new ReduceL2(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceL2(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceL2(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), 0, 0, 0, 0, 0, 0)),
                OpCase.of("no results", new ReduceL2(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceL2(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 2.236328125, 5)),
                OpCase.of("bfloat16", new ReduceL2(true, false), reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 2.234375, 5)),
                OpCase.of("float64", new ReduceL2(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 3.1622776601683795, 4.47213595499958)),
                OpCase.of("NaN", new ReduceL2(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 2.236068f)),
                OpCase.of("infinity", new ReduceL2(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceL2(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 120, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 121, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 122, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 123, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 124, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 125, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 126, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 127, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 128, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 129, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 130, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 131, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 132, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 133, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceL2(true, false),
                        random(DType.FLOAT32, 134, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceL2(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceL2(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32 truncated", new ReduceL2(true, false), ints(DType.INT32, dims(2), -3, -3))
                        .expect(ints(DType.INT32, dims(1), 4)),
                OpCase.of("uint64", new ReduceL2(true, false), ints(DType.UINT64, dims(1), 2147483648L))
                        .expect(ints(DType.UINT64, dims(1), 2147483648L)));
    }
}
