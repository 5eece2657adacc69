package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LinearRegressor}. */
public final class LinearRegressorCases implements OpCases {
    private static final List<Float> TWO_BY_THREE = List.of(1f, 2f, 3f, -1f, 0f, 0.5f);

    private static LinearRegressor two(PostTransform transform) {
        return new LinearRegressor(TWO_BY_THREE, List.of(0.5f, -2f), 2, transform);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two targets", two(PostTransform.NONE), f32(dims(2, 3), 1, 0, 2, -1, 1, 4))
                        .expect(f32(dims(2, 2), 7.5f, -2, 13.5f, 1)),
                OpCase.of("a vector is a row", two(PostTransform.NONE), f32(dims(3), 1, 0, 2))
                        .expect(f32(dims(1, 2), 7.5f, -2)),
                OpCase.of("no rows", two(PostTransform.NONE), f32(dims(0, 3))).expect(f32(dims(0, 2))),
                OpCase.of("doubles", two(PostTransform.NONE), reals(DType.FLOAT64, dims(1, 3), 1, 0, 2))
                        .expect(f32(dims(1, 2), 7.5f, -2)),
                OpCase.of("integers", two(PostTransform.NONE), ints(DType.INT64, dims(1, 3), 1, 0, 2))
                        .expect(f32(dims(1, 2), 7.5f, -2)),
                OpCase.of("int32", two(PostTransform.NONE), ints(DType.INT32, dims(1, 3), 1, 0, 2))
                        .expect(f32(dims(1, 2), 7.5f, -2)),
                // 1 / (1 + e^-1) and 1 / (1 + e^2).
                OpCase.of(
                                "logistic",
                                new LinearRegressor(List.of(1f, -2f), List.of(), 2, PostTransform.LOGISTIC),
                                f32(dims(1, 1), 1))
                        .expect(f32(dims(1, 2), 0.731058578630005f, 0.119202922022118f)),
                // e^0 : e^-3 = 0.952574126822433 : 0.047425873177567.
                OpCase.of(
                                "softmax",
                                new LinearRegressor(List.of(1f, -2f), List.of(), 2, PostTransform.SOFTMAX),
                                f32(dims(1, 1), 1))
                        .expect(f32(dims(1, 2), 0.952574126822433f, 0.047425873177567f)),
                OpCase.of(
                                "softmax but for zeros",
                                new LinearRegressor(List.of(1f, 0f, -2f), List.of(), 3, PostTransform.SOFTMAX_ZERO),
                                f32(dims(1, 1), 1))
                        .expect(f32(dims(1, 3), 0.952574126822433f, 0, 0.047425873177567f)),
                OpCase.of(
                                "one target stays as it is",
                                new LinearRegressor(List.of(1f), List.of(1f), 1, PostTransform.LOGISTIC),
                                f32(dims(2, 1), 1, -3))
                        .expect(f32(dims(2, 1), 2, -2)),
                // For p = (1 + sqrt(1 - 1 / e)) / 2 the logarithm of 4 p (1 - p) is -1: v = 2 / (0.147 pi) - 1 / 2, and
                // the
                // result is sqrt(2) sqrt(sqrt(v^2 + 1 / 0.147) - v).
                OpCase.of(
                                "probit",
                                new LinearRegressor(List.of(1f), List.of(), 1, PostTransform.PROBIT),
                                f32(dims(3, 1), 0.5f, 0.897530048798f, 0.102469951202f))
                        .expect(f32(dims(3, 1), 0, 1.2677685527886f, -1.2677685527886f)),
                OpCase.of(
                                "another number of intercepts than targets",
                                new LinearRegressor(List.of(1f, 2f), List.of(5f), 2, PostTransform.NONE),
                                f32(dims(1, 1), 1))
                        .expect(f32(dims(1, 2), 1, 2)),
                OpCase.of("another number of features", two(PostTransform.NONE), f32(dims(1, 2), 1, 2))
                        .fails("3 features"),
                OpCase.of("rank 3", two(PostTransform.NONE), f32(dims(1, 1, 3), 1, 2, 3))
                        .fails("rank 1 or rank 2"));
    }
}
