package dev.tenon.op.signal;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MelWeightMatrix}. */
public final class MelWeightMatrixCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "four bands",
                                new MelWeightMatrix(DType.FLOAT32),
                                Tensor.scalar(4L),
                                Tensor.scalar(16L),
                                Tensor.scalar(8192L),
                                Tensor.scalar(0f),
                                Tensor.scalar(4096f))
                        .expect(f32(dims(9, 4), """
                                1 0 0 0   0 1 0 0   0 0 1 0   0 0 0 1   0 0 0 0.5
                                0 0 0 0   0 0 0 0   0 0 0 0   0 0 0 0""")),
                OpCase.of(
                                "edges",
                                new MelWeightMatrix(DType.FLOAT32),
                                Tensor.scalar(2L),
                                Tensor.scalar(20L),
                                Tensor.scalar(8000L),
                                Tensor.scalar(300f),
                                Tensor.scalar(3000f))
                        .expect(f32(dims(11, 2), "0 0 1 0 0.5 0.5 0 1 0 0.5 0 0 0 0 0 0 0 0 0 0 0 0")),
                OpCase.of(
                                "no band",
                                new MelWeightMatrix(DType.FLOAT64),
                                Tensor.scalar(0),
                                Tensor.scalar(4),
                                Tensor.scalar(8),
                                Tensor.scalar(0f),
                                Tensor.scalar(4f))
                        .expect(reals(DType.FLOAT64, dims(3, 0))),
                OpCase.of(
                                "edge above the spectrum",
                                new MelWeightMatrix(DType.FLOAT32),
                                Tensor.scalar(4L),
                                Tensor.scalar(16L),
                                Tensor.scalar(8192L),
                                Tensor.scalar(0f),
                                Tensor.scalar(40960f))
                        .fails("falls into bin"),
                OpCase.of(
                                "rate 0",
                                new MelWeightMatrix(DType.FLOAT32),
                                Tensor.scalar(4L),
                                Tensor.scalar(16L),
                                Tensor.scalar(0L),
                                Tensor.scalar(0f),
                                Tensor.scalar(4096f))
                        .fails("'sample_rate' is 0"));
    }
}
