package dev.tenon.op.recurrent;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DynamicQuantizeLSTM}. */
public final class DynamicQuantizeLSTMCases implements OpCases {
    private static final Tensor X = f32(dims(2, 1, 2), 1, -0.5f, 0.25f, 2);
    private static final Tensor W = ints(DType.INT8, dims(1, 2, 4), 10, -20, 30, 40, 5, 0, -7, 127);
    private static final Tensor R = ints(DType.INT8, dims(1, 1, 4), -128, 64, 3, 9);
    private static final Tensor B = f32(dims(1, 8), 0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 0, 0);

    @Override
    public List<OpCase> cases() {
        DynamicQuantizeLSTM op = DynamicQuantizeLSTM.of(Attributes.none().with("hidden_size", 1));
        Tensor two = ints(DType.INT8, dims(1), 2);
        Tensor three = ints(DType.INT8, dims(1), -3);
        return List.of(
                OpCase.of(
                                "two steps",
                                op,
                                X,
                                W,
                                R,
                                B,
                                null,
                                null,
                                null,
                                null,
                                f32(dims(1), 0.01f),
                                two,
                                f32(dims(1), 0.02f),
                                three)
                        .expect(
                                f32(dims(2, 1, 1, 1), 0.041303647f, 0.2753046f),
                                f32(dims(1, 1, 1), 0.2753046f),
                                f32(dims(1, 1, 1), 0.5621482f)),
                OpCase.of(
                                "scales by gate, no steps of one sequence",
                                op,
                                f32(dims(2, 2, 2), 1, -0.5f, 7, 7, 0.25f, 2, 7, 7),
                                W,
                                R,
                                B,
                                ints(DType.INT32, dims(2), 0, 0),
                                null,
                                null,
                                null,
                                f32(dims(1, 4), 0.01f, 0.01f, 0.01f, 0.01f),
                                ints(DType.INT8, dims(1, 4), 2, 2, 2, 2),
                                f32(dims(1, 4), 0.02f, 0.02f, 0.02f, 0.02f),
                                ints(DType.INT8, dims(1, 4), -3, -3, -3, -3))
                        .expect(f32(dims(2, 1, 2, 1), 0, 0, 0, 0), f32(dims(1, 2, 1), 0, 0), f32(dims(1, 2, 1), 0, 0)),
                OpCase.of(
                                "one scale for the states of a batch",
                                op,
                                f32(dims(1, 2, 2), 0, 0, 0, 0),
                                W,
                                R,
                                B,
                                null,
                                f32(dims(1, 2, 1), 0.1f, 2),
                                null,
                                null,
                                f32(dims(1), 0.01f),
                                two,
                                f32(dims(1), 0.02f),
                                three)
                        .expect(
                                f32(dims(1, 1, 2, 1), 0.10662955f, 0.004943952f),
                                f32(dims(1, 2, 1), 0.10662955f, 0.004943952f),
                                f32(dims(1, 2, 1), 0.18485902f, 0.0052215267f)),
                OpCase.of(
                                "scales that do not fit",
                                op,
                                X,
                                W,
                                R,
                                B,
                                null,
                                null,
                                null,
                                null,
                                f32(dims(2), 0.01f, 0.01f),
                                two,
                                f32(dims(1), 0.02f),
                                three)
                        .fails("'W_scale' has shape [2]; allowed [1] or [1,4]"),
                OpCase.of(
                                "weights of two dimensions",
                                op,
                                X,
                                ints(DType.INT8, dims(2, 4), 10, -20, 30, 40, 5, 0, -7, 127),
                                R,
                                B,
                                null,
                                null,
                                null,
                                null,
                                f32(dims(1), 0.01f),
                                two,
                                f32(dims(1), 0.02f),
                                three)
                        .fails("'W' has shape [2,4]; allowed rank 3"));
    }
}
