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

/** Cases of {@link GroupNormalization}. */
public final class GroupNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "two groups",
                                new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                                steps(13, 2, 4, 2),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(
                                dims(2, 4, 2),
                                -1.1313704f,
                                0.8485278f,
                                -0.6970556f,
                                3.2627409f,
                                -0.5275892f,
                                4.396577f,
                                -1.2344841f,
                                4.393134f,
                                0.8219945f,
                                -1.1507922f,
                                3.3015845f,
                                -0.64398897f,
                                2.4659834f,
                                -3.4523768f,
                                -5.603169f,
                                2.287978f)),
                OpCase.of(
                                "one group",
                                new GroupNormalization(1, 1e-5f, DType.FLOAT32),
                                steps(13, 1, 4, 1, 2),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(
                                dims(1, 4, 1, 2),
                                -0.85084194f,
                                0.9138673f,
                                -0.19748126f,
                                3.331937f,
                                -1.039918f,
                                4.2542095f,
                                -0.62184805f,
                                5.4285836f)),
                OpCase.of(
                                "a group a channel",
                                new GroupNormalization(4, 0.125f, DType.FLOAT32),
                                steps(13, 1, 4, 3),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(
                                dims(1, 4, 3),
                                -0.85707456f,
                                1.3927461f,
                                -0.5356716f,
                                2.0713432f,
                                -1.7854922f,
                                2.714149f,
                                1.6070148f,
                                -4.1782384f,
                                2.5712235f,
                                2.4282982f,
                                -6.5709844f,
                                1.1426864f)),
                OpCase.of(
                                "float16",
                                new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                                reals(DType.FLOAT16, dims(1, 4, 2), 0, 1, 2, 3, 4, 5, 6, 7),
                                reals(DType.FLOAT16, dims(4), 1, 1, 2, 2),
                                reals(DType.FLOAT16, dims(4), 0, 0, 1, 1))
                        .expect(reals(
                                DType.FLOAT16,
                                dims(1, 4, 2),
                                -1.341796875,
                                -0.447265625,
                                0.447265625,
                                1.341796875,
                                -1.68359375,
                                0.1055908203125,
                                1.89453125,
                                3.68359375)),
                OpCase.of(
                                "empty",
                                new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                                f32(dims(0, 4, 2)),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(dims(0, 4, 2))),
                OpCase.of(
                        "random",
                        new GroupNormalization(3, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 1, 2, 6, 4, 3),
                        random(DType.FLOAT32, 2, 6),
                        random(DType.FLOAT32, 3, 6)),
                OpCase.of(
                        "random, larger",
                        new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 1, 2, 4, 5, 7),
                        random(DType.FLOAT32, 2, 4),
                        random(DType.FLOAT32, 3, 4)),
                OpCase.of(
                                "groups do not divide",
                                new GroupNormalization(3, 1e-5f, DType.FLOAT32),
                                linear(0, 0.5, 1, 4, 2),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .fails("4 channels"),
                OpCase.of(
                                "scale per group",
                                new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                                linear(0, 0.5, 1, 4, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 1, 2))
                        .fails("scale of shape [2]; allowed [4]"));
    }
}
