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

/** Cases of {@link ReduceLogSumExp}. */
public final class ReduceLogSumExpCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 5.3946533f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceLogSumExp(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 5.3946533f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 5.3946533f)),
                OpCase.of(
                                "last axis",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), "1.0485873 4.0297503 0.28804138 2.3132617 0.1271851 5.000911")),
                OpCase.of(
                                "first axis",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), "2.3132617 1.0485873 0.50150234 4.0205417 5.000335 0.35020655")),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceLogSumExp(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), 1.4854132f, 4.0256643f, 5.048603f, 1.3829802f)),
                OpCase.of(
                                "two axes",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 2.5619414f, 4.0497394f, 5.0098505f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceLogSumExp(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 4.101557f, 5.0738697f)),
                OpCase.of(
                                "axis twice",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 1.4854132f, 4.0256643f, 5.048603f, 1.3829802f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceLogSumExp(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceLogSumExp(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceLogSumExp(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 1.4854132f, 4.0256643f, 5.048603f, 1.3829802f)),
                OpCase.of("scalar", new ReduceLogSumExp(true, false), f32(dims(), 4))
                        .expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceLogSumExp(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceLogSumExp(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), "-Infinity -Infinity -Infinity -Infinity -Infinity -Infinity")),
                OpCase.of("no results", new ReduceLogSumExp(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of(
                                "float16",
                                new ReduceLogSumExp(true, false),
                                reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 2.3125, 4.3125)),
                OpCase.of(
                                "bfloat16",
                                new ReduceLogSumExp(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 2.3125, 4.3125)),
                OpCase.of(
                                "float64",
                                new ReduceLogSumExp(true, false),
                                reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4),
                                axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 3.1269280110429727, 4.126928011042972)),
                OpCase.of("NaN", new ReduceLogSumExp(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 2.3132617f)),
                OpCase.of(
                                "infinity",
                                new ReduceLogSumExp(true, false),
                                f32(dims(1, 2), Float.POSITIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceLogSumExp(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), 1)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 160, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 161, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 162, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 163, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 164, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 165, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 166, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 167, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 168, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 169, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 170, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 171, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 172, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 173, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceLogSumExp(true, false),
                        random(DType.FLOAT32, 174, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceLogSumExp(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int32 truncated", new ReduceLogSumExp(true, false), ints(DType.INT32, dims(2), 3, 4))
                        .expect(ints(DType.INT32, dims(1), 4)),
                OpCase.of("large", new ReduceLogSumExp(true, false), f32(dims(3), 1000, 1000, -1000))
                        .expect(f32(dims(1), 1000.6932f)),
                OpCase.of(
                                "only minus infinity",
                                new ReduceLogSumExp(true, false),
                                f32(dims(2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1), Float.NEGATIVE_INFINITY)),
                OpCase.of("unsigned of nothing", new ReduceLogSumExp(true, false), ints(DType.UINT64, dims(0)))
                        .expect(ints(DType.UINT64, dims(1), 0)));
    }
}
