package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LogSoftmax}. */
public final class LogSoftmaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("row", new LogSoftmax(-1), f32(dims(1, 3), 1, 2, 3))
                        .expect(f32(dims(1, 3), -2.407606f, -1.407606f, -0.40760598f)),
                OpCase.of("vector", new LogSoftmax(-1), f32(dims(4), 0.5f, -1, 2, 0))
                        .expect(f32(dims(4), -1.8423495f, -3.3423495f, -0.3423496f, -2.3423495f)),
                OpCase.of("large", new LogSoftmax(-1), f32(dims(1, 4), 1000, 1001, 999, -1000))
                        .expect(f32(dims(1, 4), -1.407606f, -0.40760598f, -2.407606f, -2001.4076f)),
                OpCase.of("first axis", new LogSoftmax(0), linear(-2, 1.5, 3, 2))
                        .expect(f32(dims(3, 2), """
                                -6.0509458 -6.0509458
                                -3.0509458 -3.0509458
                                -0.050945763 -0.050945763""")),
                OpCase.of("middle axis", new LogSoftmax(1), linear(-3, 0.75, 2, 3, 2))
                        .expect(f32(dims(2, 3, 2), """
                                -3.2413113 -3.2413113   -1.7413113 -1.7413113
                                -0.2413113 -0.2413113   -3.2413113 -3.2413113
                                -1.7413113 -1.7413113   -0.2413113 -0.2413113""")),
                OpCase.of("negative axis", new LogSoftmax(-2), linear(-3, 0.5, 2, 2, 3))
                        .expect(f32(dims(2, 2, 3), """
                                -1.7014133 -1.7014133 -1.7014133
                                -0.20141327 -0.20141327 -0.20141327
                                -1.7014133 -1.7014133 -1.7014133
                                -0.20141327 -0.20141327 -0.20141327""")),
                OpCase.of("one element", new LogSoftmax(-1), f32(dims(2, 1), 5, -5))
                        .expect(f32(dims(2, 1), 0, 0)),
                OpCase.of(
                                "minus infinity masks",
                                new LogSoftmax(-1),
                                f32(dims(1, 4), 1, Float.NEGATIVE_INFINITY, 2, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1, 4), "-1.3132616 -Infinity -0.31326166 -Infinity")),
                OpCase.of(
                                "only minus infinity",
                                new LogSoftmax(-1),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of("infinity", new LogSoftmax(-1), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of("NaN spoils its line", new LogSoftmax(-1), f32(dims(2, 2), Float.NaN, 1, 0, 0))
                        .expect(f32(dims(2, 2), Float.NaN, Float.NaN, -0.6931472f, -0.6931472f)),
                OpCase.of("empty line", new LogSoftmax(-1), f32(dims(2, 0))).expect(f32(dims(2, 0))),
                OpCase.of("no lines", new LogSoftmax(-1), f32(dims(0, 3))).expect(f32(dims(0, 3))),
                OpCase.of("float16", new LogSoftmax(-1), reals(DType.FLOAT16, dims(1, 3), 1, 2, 3))
                        .expect(reals(DType.FLOAT16, dims(1, 3), -2.408203125, -1.4072265625, -0.40771484375)),
                OpCase.of("bfloat16", new LogSoftmax(-1), reals(DType.BFLOAT16, dims(1, 3), 1, 2, 3))
                        .expect(reals(DType.BFLOAT16, dims(1, 3), -2.40625, -1.40625, -0.408203125)),
                OpCase.of("float64", new LogSoftmax(-1), reals(DType.FLOAT64, dims(1, 3), 0.1, 0.2, -0.3))
                        .expect(reals(
                                DType.FLOAT64,
                                dims(1, 3),
                                "-1.0208276555532594 -0.9208276555532594 -1.4208276555532593")),
                OpCase.of("random [3, 15]", new LogSoftmax(-1), random(DType.FLOAT32, 1, 3, 15)),
                OpCase.of("random [4, 16]", new LogSoftmax(-1), random(DType.FLOAT32, 2, 4, 16)),
                OpCase.of("random [5, 17]", new LogSoftmax(-1), random(DType.FLOAT32, 3, 5, 17)),
                OpCase.of("random [2, 33]", new LogSoftmax(-1), random(DType.FLOAT32, 4, 2, 33)),
                OpCase.of("random [40, 7]", new LogSoftmax(-1), random(DType.FLOAT32, 5, 40, 7)),
                OpCase.of("random [2, 3, 64]", new LogSoftmax(-1), random(DType.FLOAT32, 6, 2, 3, 64)),
                OpCase.of("random [3, 128]", new LogSoftmax(-1), random(DType.FLOAT32, 7, 3, 128)),
                OpCase.of("random [2, 1000]", new LogSoftmax(-1), random(DType.FLOAT32, 8, 2, 1000)),
                OpCase.of("random [70, 1]", new LogSoftmax(-1), random(DType.FLOAT32, 9, 70, 1)),
                OpCase.of("random, first axis", new LogSoftmax(0), random(DType.FLOAT32, 20, 17, 9)),
                OpCase.of("random, middle axis", new LogSoftmax(1), random(DType.FLOAT32, 21, 3, 18, 20)),
                OpCase.of("axis outside", new LogSoftmax(2), f32(dims(2, 2), 1, 2, 3, 4))
                        .fails("axis 2 is outside for shape [2,2]; allowed [-2, 1]"),
                OpCase.of("scalar", new LogSoftmax(-1), f32(dims(), 1)).fails("axis -1 is outside for shape []"),
                OpCase.of("type outside", new LogSoftmax(-1), ints(DType.INT32, dims(2), 1, 2))
                        .fails("element type i32"));
    }
}
