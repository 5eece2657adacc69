package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MeanVarianceNormalization}. */
public final class MeanVarianceNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("default axes", new MeanVarianceNormalization(List.of(0L, 2L, 3L)), steps(13, 2, 2, 2, 2))
                        .expect(f32(dims(2, 2, 2, 2), """
                                -0.7797693 1.205098   -0.49621683 1.4886506
                                -0.30219042 1.5781056   -0.033576716 -1.645259
                                0.3544406 -1.3468742   0.6379931 -1.0633218
                                0.7722644 -0.8394179   1.0408782 -0.5708041""")),
                OpCase.of(
                                "last axis",
                                new MeanVarianceNormalization(List.of(-1L)),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0))
                        .expect(f32(dims(2, 3), "-1.069045 -0.26726124 1.3363062 -1.3363062 1.069045 0.26726124")),
                OpCase.of("two axes", new MeanVarianceNormalization(List.of(0L, 1L)), steps(11, 2, 3, 2))
                        .expect(f32(dims(2, 3, 2), """
                                -0.75592893 1.5467784   0.37796447 -0.7733892
                                1.5118579 0.09667365   -1.5118579 0.9667365
                                -0.37796447 -1.3534311   0.75592893 -0.48336825""")),
                OpCase.of("constant", new MeanVarianceNormalization(List.of(1L)), f32(dims(1, 3), 2, 2, 2))
                        .expect(f32(dims(1, 3), 0, 0, 0)),
                OpCase.of("no axes", new MeanVarianceNormalization(List.of()), f32(dims(2), 1, 2))
                        .expect(f32(dims(2), 0, 0)),
                OpCase.of("empty", new MeanVarianceNormalization(List.of(1L)), f32(dims(2, 0)))
                        .expect(f32(dims(2, 0))),
                OpCase.of("float64", new MeanVarianceNormalization(List.of(0L)), reals(DType.FLOAT64, dims(3), 1, 2, 4))
                        .expect(reals(
                                DType.FLOAT64, dims(3), "-1.0690449667925548 -0.2672612416981388 1.3363062084906931")),
                OpCase.of(
                                "axis outside",
                                new MeanVarianceNormalization(List.of(2L)),
                                f32(dims(2, 3), 1, 2, 4, -1, 0.5f, 0))
                        .fails("axis 2 is outside"));
    }
}
