package dev.tenon.op.reduce;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ReduceMax}. */
public final class ReduceMaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), 5)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceMax(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), 5)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 5)),
                OpCase.of(
                                "last axis",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), 1, 4, 0.25f, 2, 0.125f, 5)),
                OpCase.of(
                                "first axis",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 2, 1, 0.5f, 4, 5, 0.25f)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceMax(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), 1, 4, 5, 1)),
                OpCase.of(
                                "two axes",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 2, 4, 5)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceMax(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 4, 5)),
                OpCase.of(
                                "axis twice",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 1, 4, 5, 1)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceMax(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceMax(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceMax(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 1, 4, 5, 1)),
                OpCase.of("scalar", new ReduceMax(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceMax(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceMax(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), "-Infinity -Infinity -Infinity -Infinity -Infinity -Infinity")),
                OpCase.of("no results", new ReduceMax(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceMax(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 2, 4)),
                OpCase.of(
                                "bfloat16",
                                new ReduceMax(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 2, 4)),
                OpCase.of("float64", new ReduceMax(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 3, 4)),
                OpCase.of("NaN", new ReduceMax(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 2)),
                OpCase.of("infinity", new ReduceMax(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "minus infinity",
                                new ReduceMax(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), 1)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 40, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 41, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 42, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 43, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 44, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 45, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 46, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 47, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 48, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 49, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 50, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 51, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 52, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 53, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceMax(true, false),
                        random(DType.FLOAT32, 54, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceMax(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("i32", new ReduceMax(true, false), ints(DType.INT32, dims(3), -5, 2147483647, 3))
                        .expect(ints(DType.INT32, dims(1), 2147483647)),
                OpCase.of(
                                "i64",
                                new ReduceMax(true, false),
                                i64(dims(3), -9223372036854775808L, 5, 4611686018427387904L))
                        .expect(i64(dims(1), 4611686018427387904L)),
                OpCase.of("u32", new ReduceMax(true, false), ints(DType.UINT32, dims(3), 4294967295L, 1, 7))
                        .expect(ints(DType.UINT32, dims(1), 4294967295L)),
                OpCase.of("u64", new ReduceMax(true, false), ints(DType.UINT64, dims(3), -1, 1, 7))
                        .expect(ints(DType.UINT64, dims(1), -1)),
                OpCase.of("i8", new ReduceMax(true, false), ints(DType.INT8, dims(3), -128, 127, 0))
                        .expect(ints(DType.INT8, dims(1), 127)),
                OpCase.of("u8", new ReduceMax(true, false), ints(DType.UINT8, dims(3), 255, 0, 3))
                        .expect(ints(DType.UINT8, dims(1), 255)),
                OpCase.of("bool", new ReduceMax(true, false), Tensor.of(new boolean[] {false, true, false}, 3))
                        .expect(Tensor.of(new boolean[] {true}, 1)),
                OpCase.of("bool, no axes", new ReduceMax(true, true), Tensor.of(new boolean[] {false, true}, 2))
                        .expect(Tensor.of(new boolean[] {false, true}, 2)),
                OpCase.of("i32 of nothing", new ReduceMax(true, false), ints(DType.INT32, dims(0)))
                        .expect(ints(DType.INT32, dims(1), -2147483648)),
                OpCase.of("u64 of nothing", new ReduceMax(true, false), ints(DType.UINT64, dims(0)))
                        .expect(ints(DType.UINT64, dims(1), 0)),
                OpCase.of("u8 of nothing", new ReduceMax(true, false), ints(DType.UINT8, dims(0)))
                        .expect(ints(DType.UINT8, dims(1), 0)),
                OpCase.of("bool of nothing", new ReduceMax(true, false), Tensor.of(new boolean[] {}, 0))
                        .expect(Tensor.of(new boolean[] {false}, 1)),
                OpCase.of("zeros of either sign", new ReduceMax(true, false), f32(dims(2), -0f, 0))
                        .expect(f32(dims(1), 0)),
                OpCase.of("type outside", new ReduceMax(true, false), ints(DType.INT16, dims(2), 1, 2))
                        .fails("element type i16"));
    }
}
