package dev.tenon.op.reduce;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.positive;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ReduceLogSum}. */
public final class ReduceLogSumCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "all axes",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2))
                        .expect(f32(dims(1, 1, 1), 3.2911966f)),
                OpCase.of(
                                "all axes dropped",
                                new ReduceLogSum(false, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2))
                        .expect(f32(dims(), 3.2911966f)),
                OpCase.of(
                                "empty list of axes",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes())
                        .expect(f32(dims(1, 1, 1), 3.2911966f)),
                OpCase.of(
                                "last axis",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(-1))
                        .expect(f32(dims(2, 3, 1), "1.0986123 1.5040774 1.178655 1.0986123 1.8123788 1.9459101")),
                OpCase.of(
                                "first axis",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(0))
                        .expect(f32(dims(1, 3, 2), "1.0986123 1.0986123 1.8718022 1.417066 2.0794415 0.8109302")),
                OpCase.of(
                                "middle axis, dropped",
                                new ReduceLogSum(false, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(1))
                        .expect(f32(dims(2, 2), 1.5040774f, 1.8325815f, 2.5649493f, 1.1394343f)),
                OpCase.of(
                                "two axes",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(0, 2))
                        .expect(f32(dims(1, 3, 1), 1.7917595f, 2.3632097f, 2.3272777f)),
                OpCase.of(
                                "two neighbours, dropped",
                                new ReduceLogSum(false, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(-1, -2))
                        .expect(f32(dims(2), 2.3749058f, 2.780371f)),
                OpCase.of(
                                "axis twice",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(1, 1))
                        .expect(f32(dims(2, 1, 2), 1.5040774f, 1.8325815f, 2.5649493f, 1.1394343f)),
                OpCase.of(
                                "no axes by attribute",
                                new ReduceLogSum(true, true),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2))
                        .expect(f32(dims(2, 3, 2), """
                                0 0.6931472   -0.6931472 1.3862944   1.0986123 -1.3862944
                                0.6931472 0   1.7917595 -2.0794415   1.609438 0.6931472""")),
                OpCase.of(
                                "no axes by attribute, empty list",
                                new ReduceLogSum(true, true),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes())
                        .expect(f32(dims(2, 3, 2), """
                                0 0.6931472   -0.6931472 1.3862944   1.0986123 -1.3862944
                                0.6931472 0   1.7917595 -2.0794415   1.609438 0.6931472""")),
                OpCase.of(
                                "axes in spite of the attribute",
                                new ReduceLogSum(true, true),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(1))
                        .expect(f32(dims(2, 1, 2), 1.5040774f, 1.8325815f, 2.5649493f, 1.1394343f)),
                OpCase.of("scalar", new ReduceLogSum(true, false), f32(dims(), 4))
                        .expect(f32(dims(), 1.3862944f)),
                OpCase.of("one element", new ReduceLogSum(true, false), f32(dims(1, 1), 4), axes(0))
                        .expect(f32(dims(1, 1), 1.3862944f)),
                OpCase.of("nothing to reduce", new ReduceLogSum(false, false), f32(dims(2, 0, 3)), axes(1))
                        .expect(f32(dims(2, 3), "-Infinity -Infinity -Infinity -Infinity -Infinity -Infinity")),
                OpCase.of("no results", new ReduceLogSum(true, false), f32(dims(0, 3)), axes(1))
                        .expect(f32(dims(0, 1))),
                OpCase.of(
                                "float16",
                                new ReduceLogSum(true, false),
                                reals(DType.FLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.FLOAT16, dims(2, 1), 1.0986328125, 1.9462890625)),
                OpCase.of(
                                "bfloat16",
                                new ReduceLogSum(true, false),
                                reals(DType.BFLOAT16, dims(2, 2), 1, 2, 3, 4),
                                axes(1))
                        .expect(reals(DType.BFLOAT16, dims(2, 1), 1.1015625, 1.9453125)),
                OpCase.of(
                                "float64",
                                new ReduceLogSum(true, false),
                                reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4),
                                axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 1.3862943611198906, 1.791759469228055)),
                OpCase.of("NaN", new ReduceLogSum(true, false), f32(dims(2, 2), Float.NaN, 1, 1, 2), axes(1))
                        .expect(f32(dims(2, 1), Float.NaN, 1.0986123f)),
                OpCase.of(
                                "infinity",
                                new ReduceLogSum(true, false),
                                f32(dims(1, 2), Float.POSITIVE_INFINITY, 1),
                                axes(1))
                        .expect(f32(dims(1, 1), Float.POSITIVE_INFINITY)),
                OpCase.of(
                        "random [3, 37] over [-1]",
                        new ReduceLogSum(true, false),
                        positive(DType.FLOAT32, 1, 3, 37),
                        axes(-1)),
                OpCase.of(
                        "random [40, 33] over [0]",
                        new ReduceLogSum(true, false),
                        positive(DType.FLOAT32, 2, 40, 33),
                        axes(0)),
                OpCase.of(
                        "random [2, 3, 4, 17] over [1, 3]",
                        new ReduceLogSum(true, false),
                        positive(DType.FLOAT32, 3, 2, 3, 4, 17),
                        axes(1, 3)),
                OpCase.of(
                                "axis outside",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                axes(3))
                        .fails("axis 3 is outside for shape [2,3,2]; allowed [-3, 2]"),
                OpCase.of(
                                "axes of rank 2",
                                new ReduceLogSum(true, false),
                                f32(dims(2, 3, 2), 1, 2, 0.5f, 4, 3, 0.25f, 2, 1, 6, 0.125f, 5, 2),
                                i64(dims(1, 1), 0))
                        .fails("axes of shape [1,1]; allowed a vector"),
                OpCase.of("type outside", new ReduceLogSum(true, false), ints(DType.INT8, dims(2), 1, 2))
                        .fails("element type i8"),
                OpCase.of("int64 truncated", new ReduceLogSum(true, false), i64(dims(2), 10, 90))
                        .expect(i64(dims(1), 4)),
                OpCase.of("int32 of nothing", new ReduceLogSum(true, false), ints(DType.INT32, dims(0)))
                        .expect(ints(DType.INT32, dims(1), -2147483648)),
                OpCase.of("negative sum", new ReduceLogSum(true, false), f32(dims(2), -1, -2))
                        .expect(f32(dims(1), Float.NaN)),
                OpCase.of("uint32 of zero", new ReduceLogSum(true, false), ints(DType.UINT32, dims(1), 0))
                        .expect(ints(DType.UINT32, dims(1), 0)));
    }
}
