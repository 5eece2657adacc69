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

/** Cases of {@link LayerNormalization}. */
public final class LayerNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "scale and bias",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 2, -1),
                                f32(dims(3), 0, 0.5f, 1))
                        .outputs(1)
                        .expect(f32(dims(2, 3), "-1.0690415 -0.034520764 -0.33630192 -1.336289 2.6380625 0.7327422")),
                OpCase.of(
                                "no bias",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 2, -1))
                        .outputs(1)
                        .expect(f32(dims(2, 3), "-1.0690415 -0.53452075 -1.3363019 -1.336289 2.1380625 -0.2672578")),
                OpCase.of(
                                "all outputs",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 1, 1),
                                f32(dims(3), 0, 0, 0))
                        .expect(
                                f32(dims(2, 3), "-1.0690415 -0.26726037 1.3363019 -1.336289 1.0690312 0.2672578"),
                                f32(dims(2, 1), 2.3333333f, -0.16666667f),
                                f32(dims(2, 1), 0.8017812f, 1.6035469f)),
                OpCase.of(
                                "two outputs",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 1, 1))
                        .outputs(2)
                        .expect(
                                f32(dims(2, 3), "-1.0690415 -0.26726037 1.3363019 -1.336289 1.0690312 0.2672578"),
                                f32(dims(2, 1), 2.3333333f, -0.16666667f)),
                OpCase.of(
                                "two axes",
                                new LayerNormalization(1, 1e-5f, DType.FLOAT32),
                                steps(11, 2, 2, 3),
                                linear(1, 0.25, 2, 3),
                                linear(-1, 0.5, 2, 3))
                        .expect(
                                f32(dims(2, 2, 3), """
                                        -1.9734166 1.2893687 0.0858897
                                        -1.8047069 3.1758723 0.8558273
                                        -1.9734166 1.2893687 0.0858897
                                        -1.8047069 3.1758723 0.8558273"""),
                                f32(dims(2, 1, 1), 0.33333334f, -1.6666666f),
                                f32(dims(2, 1, 1), 0.3435588f, 0.3435588f)),
                OpCase.of(
                                "all axes",
                                new LayerNormalization(-2, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                linear(1, 0.25, 2, 3))
                        .expect(
                                f32(dims(2, 3), "-0.05234229 0.7197065 2.74797 -2.2899752 -0.732792 -1.5310119"),
                                f32(dims(1, 1), 1.0833334f),
                                f32(dims(1, 1), 0.6281075f)),
                OpCase.of(
                                "scale broadcast",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(1), 2),
                                f32(dims(), 1))
                        .outputs(1)
                        .expect(f32(dims(2, 3), "-1.1380831 0.46547922 3.6726038 -1.6725781 3.1380625 1.5345156")),
                OpCase.of(
                                "scale by row",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(2, 1), 2, 3),
                                f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .outputs(1)
                        .expect(f32(dims(2, 3), "-1.1380831 1.4654793 5.6726036 -0.008867087 8.207093 6.8017735")),
                OpCase.of(
                                "large epsilon",
                                new LayerNormalization(-1, 0.5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 1, 1))
                        .outputs(1)
                        .expect(f32(dims(2, 3), "-0.9299811 -0.23249528 1.1624764 -0.8838835 0.70710677 0.17677669")),
                OpCase.of(
                                "constant row",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(1, 3), 2, 2, 2),
                                f32(dims(3), 1, 1, 1),
                                f32(dims(3), 3, 4, 5))
                        .expect(f32(dims(1, 3), 3, 4, 5)),
                OpCase.of(
                                "NaN spoils its row",
                                new LayerNormalization(-1, 0f, DType.FLOAT32),
                                f32(dims(2, 2), Float.NaN, 1, -1, 1),
                                f32(dims(2), 1, 1))
                        .expect(f32(dims(2, 2), Float.NaN, Float.NaN, -1, 1)),
                OpCase.of(
                                "infinity spoils its row",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(1, 2), Float.POSITIVE_INFINITY, 1),
                                f32(dims(2), 1, 1))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of(
                                "no rows",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(0, 3)),
                                f32(dims(3), 1, 1, 1))
                        .expect(f32(dims(0, 3)), f32(dims(0, 1)), f32(dims(0, 1))),
                OpCase.of(
                                "float16",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                reals(DType.FLOAT16, dims(1, 4), 1, 2, 3, 6),
                                reals(DType.FLOAT16, dims(4), 1, 1, 2, 1),
                                reals(DType.FLOAT16, dims(4), 0, 0, 0, 1))
                        .outputs(1)
                        .expect(reals(DType.FLOAT16, dims(1, 4), -1.0693359375, -0.53466796875, 0, 2.603515625)),
                OpCase.of(
                                "float64",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                reals(DType.FLOAT64, dims(1, 4), 1, 2, 3, 6),
                                reals(DType.FLOAT64, dims(4), 1, 1, 2, 1))
                        .outputs(1)
                        .expect(reals(
                                DType.FLOAT64,
                                dims(1, 4),
                                "-1.069043440445912 -0.534521720222956 0 1.603565160668868")),
                OpCase.of(
                                "bfloat16",
                                new LayerNormalization(-1, 1e-5f, DType.BFLOAT16),
                                reals(DType.BFLOAT16, dims(1, 2), 1, 3),
                                reals(DType.BFLOAT16, dims(2), 1, 1))
                        .outputs(1)
                        .expect(reals(DType.BFLOAT16, dims(1, 2), -1, 1)),
                OpCase.of(
                        "random [4, 15]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 1, 4, 15),
                        random(DType.FLOAT32, 30, 15),
                        random(DType.FLOAT32, 60, 15)),
                OpCase.of(
                        "random [3, 16]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 2, 3, 16),
                        random(DType.FLOAT32, 31, 16),
                        random(DType.FLOAT32, 61, 16)),
                OpCase.of(
                        "random [5, 31]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 3, 5, 31),
                        random(DType.FLOAT32, 32, 31),
                        random(DType.FLOAT32, 62, 31)),
                OpCase.of(
                        "random [2, 64]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 4, 2, 64),
                        random(DType.FLOAT32, 33, 64),
                        random(DType.FLOAT32, 63, 64)),
                OpCase.of(
                        "random [3, 100]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 5, 3, 100),
                        random(DType.FLOAT32, 34, 100),
                        random(DType.FLOAT32, 64, 100)),
                OpCase.of(
                        "random [7, 384]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 6, 7, 384),
                        random(DType.FLOAT32, 35, 384),
                        random(DType.FLOAT32, 65, 384)),
                OpCase.of(
                        "random [2, 5000]",
                        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                        random(DType.FLOAT32, 7, 2, 5000),
                        random(DType.FLOAT32, 36, 5000),
                        random(DType.FLOAT32, 66, 5000)),
                OpCase.of(
                                "random without bias",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                random(DType.FLOAT32, 90, 3, 4, 77),
                                random(DType.FLOAT32, 91, 77))
                        .outputs(1),
                OpCase.of(
                                "random, two axes",
                                new LayerNormalization(1, 1e-5f, DType.FLOAT32),
                                random(DType.FLOAT32, 92, 6, 5, 13),
                                random(DType.FLOAT32, 93, 5, 13),
                                random(DType.FLOAT32, 94, 5, 13))
                        .outputs(1),
                OpCase.of(
                                "axis outside",
                                new LayerNormalization(2, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(3), 1, 1, 1))
                        .outputs(1)
                        .fails("axis 2 is outside for shape [2,3]"),
                OpCase.of(
                                "scale does not fit",
                                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0),
                                f32(dims(2), 1, 1))
                        .outputs(1)
                        .fails("broadcast to [2,3]"));
    }
}
