package dev.tenon.op.loss;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SoftmaxCrossEntropyLoss}. */
public final class SoftmaxCrossEntropyLossCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("none", new SoftmaxCrossEntropyLoss("none", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(3), 1.3862944f, 1.3862944f, 1.3862944f), f32(dims(3, 4), """
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944""")),
                OpCase.of("sum", new SoftmaxCrossEntropyLoss("sum", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(), 4.158883f), f32(dims(3, 4), """
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944""")),
                OpCase.of("mean", new SoftmaxCrossEntropyLoss("mean", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(), 1.3862944f), f32(dims(3, 4), """
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944""")),
                OpCase.of(
                                "none, weights",
                                new SoftmaxCrossEntropyLoss("none", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(
                                f32(dims(2, 2), 0.20380299f, 1.3265626f, 0.24492198f, 1.0557045f),
                                f32(dims(2, 3, 2), """
                                        -0.40760598 -4.3265624   -1.407606 -0.32656264
                                        -2.407606 -1.3265626   -4.3265624 -0.40760598
                                        -0.32656264 -1.407606   -1.3265626 -2.407606""")),
                OpCase.of(
                                "sum, weights",
                                new SoftmaxCrossEntropyLoss("sum", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), 2.830992f), f32(dims(2, 3, 2), """
                                        -0.40760598 -4.3265624   -1.407606 -0.32656264
                                        -2.407606 -1.3265626   -4.3265624 -0.40760598
                                        -0.32656264 -1.407606   -1.3265626 -2.407606""")),
                OpCase.of(
                                "mean, weights",
                                new SoftmaxCrossEntropyLoss("mean", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), 0.943664f), f32(dims(2, 3, 2), """
                                        -0.40760598 -4.3265624   -1.407606 -0.32656264
                                        -2.407606 -1.3265626   -4.3265624 -0.40760598
                                        -0.32656264 -1.407606   -1.3265626 -2.407606""")),
                OpCase.of(
                                "ignored class",
                                new SoftmaxCrossEntropyLoss("mean", 1L),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), 1.0202438f), f32(dims(2, 3, 2), """
                                        -0.40760598 -4.3265624   -1.407606 -0.32656264
                                        -2.407606 -1.3265626   -4.3265624 -0.40760598
                                        -0.32656264 -1.407606   -1.3265626 -2.407606""")),
                OpCase.of(
                                "ignored class outside",
                                new SoftmaxCrossEntropyLoss("none", -1L),
                                steps(7, 3, 4),
                                i64(dims(3), 0, -1, 2))
                        .expect(f32(dims(3), 1.3862944f, 0, 1.3862944f), f32(dims(3, 4), """
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944
                                        -1.3862944 -1.3862944 -1.3862944 -1.3862944""")),
                OpCase.of(
                        "float16",
                        new SoftmaxCrossEntropyLoss("mean", null),
                        random(DType.FLOAT16, 1, 2, 3),
                        i64(dims(2), 0, 2)),
                OpCase.of(
                                "empty, sum",
                                new SoftmaxCrossEntropyLoss("sum", null),
                                random(DType.FLOAT64, 1, 0, 3),
                                i64(dims(0)))
                        .expect(Tensor.scalar(0.0)),
                OpCase.of(
                                "empty, mean",
                                new SoftmaxCrossEntropyLoss("mean", null),
                                random(DType.FLOAT32, 1, 0, 3),
                                i64(dims(0)))
                        .expect(f32(dims(), Float.NaN)),
                OpCase.of(
                                "class outside",
                                new SoftmaxCrossEntropyLoss("mean", null),
                                steps(7, 3, 4),
                                i64(dims(3), 0, 4, 2))
                        .fails("class 4 of sample 1"),
                OpCase.of(
                                "target of another shape",
                                new SoftmaxCrossEntropyLoss("mean", null),
                                steps(5, 2, 3, 2),
                                i64(dims(3), 0, 3, 2))
                        .fails("has shape"),
                OpCase.of(
                                "weights of another size",
                                new SoftmaxCrossEntropyLoss("mean", null),
                                steps(7, 3, 4),
                                i64(dims(3), 0, 3, 2),
                                linear(0, 1, 3))
                        .fails("has shape"));
    }
}
