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

/** Cases of {@link RMSNormalization}. */
public final class RMSNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "row",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 2, -1))
                        .expect(f32(dims(2, 3), 0.3779642f, 1.5118568f, -1.5118568f, -1.5491748f, 1.5491748f, -0f)),
                OpCase.of(
                                "two axes",
                                new RMSNormalization(1, 1e-5f, DType.FLOAT32),
                                steps(11, 2, 2, 3),
                                linear(1, 0.25, 2, 3))
                        .expect(f32(dims(2, 2, 3), """
                                -0.8533197 1.9199693 0.2559959
                                -2.0906332 2.389295 -0.38399386
                                -1.3416402 0.93169457 -0.6708201
                                -2.8696194 0.8944268 -1.6770502""")),
                OpCase.of(
                                "scale broadcast",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(1), 2))
                        .expect(f32(dims(2, 3), 0.7559284f, 1.5118568f, 3.0237136f, -3.0983496f, 1.5491748f, 0)),
                OpCase.of(
                                "all axes",
                                new RMSNormalization(0, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .expect(f32(dims(2, 3), 0.5192901f, 2.0771604f, 6.231481f, -2.0771604f, 1.2982252f, 0)),
                OpCase.of(
                                "zeros",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(1, 2), 0, 0),
                                f32(dims(2), 1, 1))
                        .expect(f32(dims(1, 2), 0, 0)),
                OpCase.of(
                                "NaN spoils its row",
                                new RMSNormalization(-1, 0f, DType.FLOAT32),
                                f32(dims(2, 2), Float.NaN, 1, 1, 1),
                                f32(dims(2), 1, 1))
                        .expect(f32(dims(2, 2), Float.NaN, Float.NaN, 1, 1)),
                OpCase.of(
                                "no rows",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(0, 3)),
                                f32(dims(3), 1, 1, 1))
                        .expect(f32(dims(0, 3))),
                OpCase.of(
                                "float64",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                reals(DType.FLOAT64, dims(1, 4), 1, 2, 3, 6),
                                reals(DType.FLOAT64, dims(4), 1, 1, 2, 1))
                        .expect(reals(DType.FLOAT64, dims(1, 4), """
                                0.28284259933760475 0.5656851986752095
                                1.6970555960256284 1.6970555960256284""")),
                OpCase.of(
                                "float16 scaled by float32",
                                new RMSNormalization(-1, 0f, DType.FLOAT32),
                                reals(DType.FLOAT16, dims(1, 2), 3, 4),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(1, 2), 0.84852815f, 2.2627418f)),
                OpCase.of(
                        "random [4, 15]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 1, 4, 15),
                        random(DType.FLOAT32, 30, 15)),
                OpCase.of(
                        "random [3, 16]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 2, 3, 16),
                        random(DType.FLOAT32, 31, 16)),
                OpCase.of(
                        "random [5, 31]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 3, 5, 31),
                        random(DType.FLOAT32, 32, 31)),
                OpCase.of(
                        "random [2, 64]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 4, 2, 64),
                        random(DType.FLOAT32, 33, 64)),
                OpCase.of(
                        "random [3, 100]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 5, 3, 100),
                        random(DType.FLOAT32, 34, 100)),
                OpCase.of(
                        "random [7, 384]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 6, 7, 384),
                        random(DType.FLOAT32, 35, 384)),
                OpCase.of(
                        "random [2, 5000]",
                        new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 7, 2, 5000),
                        random(DType.FLOAT32, 36, 5000)),
                OpCase.of(
                                "axis outside",
                                new RMSNormalization(-3, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 1, 1))
                        .fails("axis -3 is outside"),
                OpCase.of(
                                "scale does not fit",
                                new RMSNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(2, 3, 1), 0, 1, 2, 3, 4, 5))
                        .fails("broadcast to [2,3]"));
    }
}
