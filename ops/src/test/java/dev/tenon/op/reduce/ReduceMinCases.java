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

/** Cases of {@link ReduceMin}. */
public final class ReduceMinCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(1, 1, 1), -6)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceMin(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(), -6)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(1, 1, 1), -6)),
                OpCase.of(
                                "last axis",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), -2, 0.5f, -3, 1, -6, -2)),
                OpCase.of(
                                "first axis",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), 1, -2, -6, 0.125f, -3, -2)),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceMin(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 2), -3, -2, -6, -2)),
                OpCase.of(
                                "two axes",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), -2, -6, -3)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceMin(false, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(-1, -2))
                        .expect(f32(dims(2), -3, -6)),
                OpCase.of(
                                "axis twice",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), -3, -2, -6, -2)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceMin(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceMin(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes())
                        .expect(f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2)),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceMin(true, true),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), -3, -2, -6, -2)),
                OpCase.of("scalar", new ReduceMin(true, false), f32(dims(), 4)).expect(f32(dims(), 4)),
                OpCase.of("one element", new ReduceMin(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 4)),
                OpCase.of("nothing to reduce", new ReduceMin(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), "Infinity Infinity Infinity Infinity Infinity Infinity")),
                OpCase.of("no results", new ReduceMin(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of("float16", new ReduceMin(true, false), reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4), axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 1, 3)),
                OpCase.of(
                                "bfloat16",
                                new ReduceMin(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 1, 3)),
                OpCase.of("float64", new ReduceMin(true, false), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4), axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 1, 2)),
                OpCase.of("NaN", new ReduceMin(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 1)),
                OpCase.of("infinity", new ReduceMin(true, false), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), axes(1))
                        .expect(f32(dims(1, 1), 1)),
                OpCase.of(
                                "minus infinity",
                                new ReduceMin(true, false),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.NEGATIVE_INFINITY)),
                OpCase.of(
                        "random [3, 15] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 60, 3, 15),
                        axes(1)),
                OpCase.of(
                        "random [2, 16] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 61, 2, 16),
                        axes(1)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 62, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [2, 130] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 63, 2, 130),
                        axes(1)),
                OpCase.of(
                        "random [1, 4100] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 64, 1, 4100),
                        axes(1)),
                OpCase.of(
                        "random [7, 19] over [0]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 65, 7, 19),
                        axes(0)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 66, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [300, 20] over [0]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 67, 300, 20),
                        axes(0)),
                OpCase.of(
                        "random [2, 5, 64] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 68, 2, 5, 64),
                        axes(1)),
                OpCase.of(
                        "random [3, 6, 5] over [1]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 69, 3, 6, 5),
                        axes(1)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [2, 3]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 70, 2, 3, 4, 17),
                        axes(2, 3)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 71, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                        "random [6, 4, 17] over [0, 2]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 72, 6, 4, 17),
                        axes(0, 2)),
                OpCase.of(
                        "random [3, 4, 5, 6] over [0, 2]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 73, 3, 4, 5, 6),
                        axes(0, 2)),
                OpCase.of(
                        "random [2, 600] over [0]",
                        new ReduceMin(true, false),
                        random(DType.FLOAT32, 74, 2, 600),
                        axes(0)),
                OpCase.of(
                                "axis outside",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceMin(true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("i32", new ReduceMin(true, false), ints(DType.INT32, dims(3), -5, 2147483647, 3))
                        .expect(ints(DType.INT32, dims(1), -5)),
                OpCase.of(
                                "i64",
                                new ReduceMin(true, false),
                                i64(dims(3), -9223372036854775808L, 5, 4611686018427387904L))
                        .expect(i64(dims(1), -9223372036854775808L)),
                OpCase.of("u32", new ReduceMin(true, false), ints(DType.UINT32, dims(3), 4294967295L, 1, 7))
                        .expect(ints(DType.UINT32, dims(1), 1)),
                OpCase.of("u64", new ReduceMin(true, false), ints(DType.UINT64, dims(3), -1, 1, 7))
                        .expect(ints(DType.UINT64, dims(1), 1)),
                OpCase.of("i8", new ReduceMin(true, false), ints(DType.INT8, dims(3), -128, 127, 0))
                        .expect(ints(DType.INT8, dims(1), -128)),
                OpCase.of("u8", new ReduceMin(true, false), ints(DType.UINT8, dims(3), 255, 0, 3))
                        .expect(ints(DType.UINT8, dims(1), 0)),
                OpCase.of("bool", new ReduceMin(true, false), Tensor.of(new boolean[] {false, true, false}, 3))
                        .expect(Tensor.of(new boolean[] {false}, 1)),
                OpCase.of("bool, no axes", new ReduceMin(true, true), Tensor.of(new boolean[] {false, true}, 2))
                        .expect(Tensor.of(new boolean[] {false, true}, 2)),
                OpCase.of("i32 of nothing", new ReduceMin(true, false), ints(DType.INT32, dims(0)))
                        .expect(ints(DType.INT32, dims(1), 2147483647)),
                OpCase.of("u64 of nothing", new ReduceMin(true, false), ints(DType.UINT64, dims(0)))
                        .expect(ints(DType.UINT64, dims(1), -1)),
                OpCase.of("u8 of nothing", new ReduceMin(true, false), ints(DType.UINT8, dims(0)))
                        .expect(ints(DType.UINT8, dims(1), 255)),
                OpCase.of("bool of nothing", new ReduceMin(true, false), Tensor.of(new boolean[] {}, 0))
                        .expect(Tensor.of(new boolean[] {true}, 1)),
                OpCase.of("zeros of either sign", new ReduceMin(true, false), f32(dims(2), -0f, 0))
                        .expect(f32(dims(1), -0f)),
                OpCase.of("type outside", new ReduceMin(true, false), ints(DType.INT16, dims(2), 1, 2))
                        .fails("element type i16"));
    }
}
