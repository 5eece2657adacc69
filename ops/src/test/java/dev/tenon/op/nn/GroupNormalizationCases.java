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
                        .expect(f32(dims(2, 4, 2), """
                                -1.1313704 0.8485278   -0.6970556 3.2627409
                                -0.5275892 4.396577   -1.2344841 4.393134
                                0.8219945 -1.1507922   3.3015845 -0.64398897
                                2.4659834 -3.4523768   -5.603169 2.287978""")),
                OpCase.of(
                                "one group",
                                new GroupNormalization(1, 1e-5f, DType.FLOAT32),
                                steps(13, 1, 4, 1, 2),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(dims(1, 4, 1, 2), """
                                -0.85084194 0.9138673
                                -0.19748126 3.331937
                                -1.039918 4.2542095
                                -0.62184805 5.4285836""")),
                OpCase.of(
                                "a group a channel",
                                new GroupNormalization(4, 0.125f, DType.FLOAT32),
                                steps(13, 1, 4, 3),
                                f32(dims(4), 1, 2, 3, -4),
                                f32(dims(4), 0, 1, 0, -1))
                        .expect(f32(dims(1, 4, 3), """
                                -0.85707456 1.3927461 -0.5356716
                                2.0713432 -1.7854922 2.714149
                                1.6070148 -4.1782384 2.5712235
                                2.4282982 -6.5709844 1.1426864""")),
                OpCase.of(
                                "float16",
                                new GroupNormalization(2, 1e-5f, DType.FLOAT32),
                                reals(DType.FLOAT16, dims(1, 4, 2), 0, 1, 2, 3, 4, 5, 6, 7),
                                reals(DType.FLOAT16, dims(4), 1, 1, 2, 2),
                                reals(DType.FLOAT16, dims(4), 0, 0, 1, 1))
                        .expect(reals(DType.FLOAT16, dims(1, 4, 2), """
                                -1.341796875 -0.447265625
                                0.447265625 1.341796875
                                -1.68359375 0.1055908203125
                                1.89453125 3.68359375""")),
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
