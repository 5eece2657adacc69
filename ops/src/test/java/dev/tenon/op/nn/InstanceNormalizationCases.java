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

/** Cases of {@link InstanceNormalization}. */
public final class InstanceNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "image",
                                new InstanceNormalization(1e-5f),
                                steps(7, 1, 2, 2, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1))
                        .expect(f32(dims(1, 2, 2, 2), 0, 0, 0, 0, 1, 1, 1, 1)),
                OpCase.of(
                                "two instances",
                                new InstanceNormalization(0.5f),
                                steps(11, 2, 2, 3),
                                f32(dims(2), 1, -2),
                                f32(dims(2), 0, 1))
                        .expect(f32(dims(2, 2, 3), """
                                -1.1286653 1.2415318 -0.11286653
                                3.2573307 -1.4830637 1.225733
                                -1.1286653 1.2415318 -0.11286653
                                3.2573307 -1.4830637 1.225733""")),
                OpCase.of(
                                "one pixel",
                                new InstanceNormalization(1e-5f),
                                f32(dims(1, 2, 1), 3, 4),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 5, 6))
                        .expect(f32(dims(1, 2, 1), 5, 6)),
                OpCase.of(
                                "empty",
                                new InstanceNormalization(1e-5f),
                                f32(dims(0, 2, 3)),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 5, 6))
                        .expect(f32(dims(0, 2, 3))),
                OpCase.of(
                                "float64",
                                new InstanceNormalization(1e-5f),
                                reals(DType.FLOAT64, dims(1, 1, 3), 1, 2, 4),
                                reals(DType.FLOAT64, dims(1), 1),
                                reals(DType.FLOAT64, dims(1), 0))
                        .expect(reals(
                                DType.FLOAT64,
                                dims(1, 1, 3),
                                "-1.0690415314503845 -0.26726038286259624 1.3363019143129804")),
                OpCase.of(
                        "random",
                        new InstanceNormalization(1e-5f),
                        random(DType.FLOAT32, 1, 2, 3, 4, 5),
                        random(DType.FLOAT32, 2, 3),
                        random(DType.FLOAT32, 3, 3)),
                OpCase.of(
                                "channels differ",
                                new InstanceNormalization(1e-5f),
                                linear(0, 0.5, 1, 3, 2),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 0, 1))
                        .fails("scale of shape [2]; allowed [3]"),
                OpCase.of(
                                "vector",
                                new InstanceNormalization(1e-5f),
                                f32(dims(3), 1, 2, 3),
                                f32(dims(3), 1, 2, 3),
                                f32(dims(3), 1, 2, 3))
                        .fails("rank 2 or more"));
    }
}
