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

/** Cases of {@link NegativeLogLikelihoodLoss}. */
public final class NegativeLogLikelihoodLossCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("none", new NegativeLogLikelihoodLoss("none", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(3), 0.5f, 0.5f, 0.5f)),
                OpCase.of("sum", new NegativeLogLikelihoodLoss("sum", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(), 1.5f)),
                OpCase.of("mean", new NegativeLogLikelihoodLoss("mean", null), steps(7, 3, 4), i64(dims(3), 0, 3, 2))
                        .expect(f32(dims(), 0.5f)),
                OpCase.of(
                                "none, weights",
                                new NegativeLogLikelihoodLoss("none", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(2, 2), -0.25f, -0.5f, -1.125f, 1.125f)),
                OpCase.of(
                                "sum, weights",
                                new NegativeLogLikelihoodLoss("sum", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), -0.75f)),
                OpCase.of(
                                "mean, weights",
                                new NegativeLogLikelihoodLoss("mean", null),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), -0.25f)),
                OpCase.of(
                                "ignored class",
                                new NegativeLogLikelihoodLoss("mean", 1L),
                                steps(5, 2, 3, 2),
                                ints(DType.INT32, dims(2, 2), 0, 2, 1, 1),
                                linear(0.5, 0.25, 3))
                        .expect(f32(dims(), -0.5f)),
                OpCase.of(
                                "ignored class outside",
                                new NegativeLogLikelihoodLoss("none", -1L),
                                steps(7, 3, 4),
                                i64(dims(3), 0, -1, 2))
                        .expect(f32(dims(3), 0.5f, 0, 0.5f)),
                OpCase.of(
                        "float16",
                        new NegativeLogLikelihoodLoss("mean", null),
                        random(DType.FLOAT16, 1, 2, 3),
                        i64(dims(2), 0, 2)),
                OpCase.of(
                                "empty, sum",
                                new NegativeLogLikelihoodLoss("sum", null),
                                random(DType.FLOAT64, 1, 0, 3),
                                i64(dims(0)))
                        .expect(Tensor.scalar(0.0)),
                OpCase.of(
                                "empty, mean",
                                new NegativeLogLikelihoodLoss("mean", null),
                                random(DType.FLOAT32, 1, 0, 3),
                                i64(dims(0)))
                        .expect(f32(dims(), Float.NaN)),
                OpCase.of(
                                "class outside",
                                new NegativeLogLikelihoodLoss("mean", null),
                                steps(7, 3, 4),
                                i64(dims(3), 0, 4, 2))
                        .fails("class 4 of sample 1"),
                OpCase.of(
                                "target of another shape",
                                new NegativeLogLikelihoodLoss("mean", null),
                                steps(5, 2, 3, 2),
                                i64(dims(3), 0, 3, 2))
                        .fails("has shape"),
                OpCase.of(
                                "weights of another size",
                                new NegativeLogLikelihoodLoss("mean", null),
                                steps(7, 3, 4),
                                i64(dims(3), 0, 3, 2),
                                linear(0, 1, 3))
                        .fails("has shape"));
    }
}
