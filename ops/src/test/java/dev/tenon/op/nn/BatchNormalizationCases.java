package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BatchNormalization}. */
public final class BatchNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "image",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                linear(0, 0.5, 1, 2, 1, 3),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .outputs(1)
                        .expect(f32(dims(1, 2, 1, 3), -0.4999975f, 0, 0.4999975f, 3.499997f, 3.9999962f, 4.4999957f)),
                OpCase.of(
                                "matrix",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                linear(-1, 0.5, 3, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .outputs(1)
                        .expect(f32(dims(3, 2), "-1.4999925 1.4999994 -0.4999975 2.499998 0.4999975 3.499997")),
                OpCase.of(
                                "volume",
                                new BatchNormalization(0.25f, 0.9f, false),
                                steps(7, 2, 2, 1, 2, 1),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .outputs(1)
                        .expect(f32(dims(2, 2, 1, 2, 1), """
                                -0.8944272 -0.8944272
                                1.4850713 1.4850713
                                -0.8944272 -0.8944272
                                1.4850713 1.4850713""")),
                OpCase.of(
                                "vector is one channel",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                f32(dims(3), 1, 2, 3),
                                f32(dims(1), 2),
                                f32(dims(1), 1),
                                f32(dims(1), 2),
                                f32(dims(1), 1))
                        .outputs(1)
                        .expect(f32(dims(3), -0.99999f, 1, 2.99999f)),
                OpCase.of(
                                "training",
                                new BatchNormalization(1e-5f, 0.9f, true),
                                steps(9, 2, 2, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .expect(
                                f32(dims(2, 2, 2), """
                                        0.4472118 -1.3416355
                                        2.7670815 1.4819313
                                        1.3416355 -0.4472118
                                        -2.3735194 2.1245065"""),
                                f32(dims(2), 0.24999994f, -0.8249999f),
                                f32(dims(2), 1.025f, 4.56875f)),
                OpCase.of(
                                "training, momentum",
                                new BatchNormalization(1e-5f, 0.25f, true),
                                steps(7, 3, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .expect(
                                f32(dims(3, 2), 0, 1, 0, 1, 0, 1),
                                f32(dims(2), -0.25f, -0.625f),
                                f32(dims(2), 0.25f, 1)),
                OpCase.of(
                                "training without statistics asked for",
                                new BatchNormalization(1e-5f, 0.9f, true),
                                steps(9, 2, 2, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .expect(f32(dims(2, 2, 2), """
                                0.4472118 -1.3416355
                                2.7670815 1.4819313
                                1.3416355 -0.4472118
                                -2.3735194 2.1245065""")),
                OpCase.of(
                                "float16 with float32 statistics",
                                new BatchNormalization(0f, 0.9f, false),
                                reals(DType.FLOAT16, dims(1, 2, 1), 1, 2),
                                reals(DType.FLOAT16, dims(2), 1, 2),
                                reals(DType.FLOAT16, dims(2), 0, 1),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 1, 1))
                        .expect(reals(DType.FLOAT16, dims(1, 2, 1), 1, 3)),
                OpCase.of(
                                "empty",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                f32(dims(0, 2, 3)),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .expect(f32(dims(0, 2, 3))),
                OpCase.of(
                                "NaN",
                                new BatchNormalization(0f, 0.9f, false),
                                f32(dims(1, 2, 1), Float.NaN, 1),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .expect(f32(dims(1, 2, 1), Float.NaN, 3)),
                OpCase.of(
                                "random",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                random(DType.FLOAT32, 1, 2, 3, 5, 7),
                                random(DType.FLOAT32, 2, 3),
                                random(DType.FLOAT32, 3, 3),
                                random(DType.FLOAT32, 4, 3),
                                f32(dims(3), 1, 2, 0.5f))
                        .outputs(1),
                OpCase.of(
                                "statistics in inference",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                linear(0, 0.5, 1, 2, 1, 3),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .fails("training_mode"),
                OpCase.of(
                                "channels differ",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                linear(0, 0.5, 1, 3, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .outputs(1)
                        .fails("scale of shape [2]; allowed [3]"),
                OpCase.of(
                                "scalar",
                                new BatchNormalization(1e-5f, 0.9f, false),
                                f32(dims(), 1),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1),
                                f32(dims(2), 0.5f, -1),
                                f32(dims(2), 1, 4))
                        .outputs(1)
                        .fails("rank 1 or more"));
    }
}
