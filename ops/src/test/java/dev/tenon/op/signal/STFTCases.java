package dev.tenon.op.signal;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link STFT}. */
public final class STFTCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("window", new STFT(true), steps(11, 1, 8, 1), Tensor.scalar(2L), linear(0.25, 0.25, 4))
                        .expect(f32(
                                dims(1, 3, 3, 2),
                                -1.5f,
                                0,
                                -1,
                                -5.75f,
                                1,
                                0,
                                0.5f,
                                0,
                                -2.5f,
                                1.25f,
                                5,
                                0,
                                -0.25f,
                                0,
                                4.25f,
                                2.75f,
                                -4.75f,
                                0)),
                OpCase.of(
                                "frames without window",
                                new STFT(true),
                                steps(11, 1, 8, 1),
                                Tensor.scalar(3L),
                                null,
                                Tensor.scalar(5L))
                        .expect(f32(
                                dims(1, 2, 3, 2),
                                2.5f,
                                0,
                                2.3991868f,
                                -3.3021975f,
                                -9.899187f,
                                3.216441f,
                                -2.5f,
                                0,
                                2.3991868f,
                                -3.3021975f,
                                -9.899187f,
                                3.216441f)),
                OpCase.of(
                                "window shorter than the frame",
                                new STFT(true),
                                steps(11, 1, 8, 1),
                                Tensor.scalar(2L),
                                linear(0.5, 0.25, 3),
                                Tensor.scalar(4L))
                        .expect(f32(
                                dims(1, 3, 3, 2),
                                2.625f,
                                0,
                                -1.75f,
                                -3.375f,
                                -4.125f,
                                0,
                                1.125f,
                                0,
                                -3.25f,
                                2.625f,
                                6.375f,
                                0,
                                -3.125f,
                                0,
                                6.25f,
                                0.375f,
                                -2.375f,
                                0)),
                OpCase.of("complex", new STFT(false), steps(7, 2, 5, 2), Tensor.scalar(1L), null, Tensor.scalar(4L))
                        .expect(f32(
                                dims(2, 2, 4, 2),
                                -2,
                                -2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -2,
                                -2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -2,
                                -2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -2,
                                -2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0)),
                OpCase.of(
                                "rank 2, both sides",
                                new STFT(false),
                                steps(7, 2, 6),
                                Tensor.scalar(2L),
                                linear(0.25, 0.25, 4))
                        .expect(f32(
                                dims(2, 2, 4, 2),
                                -1.25f,
                                0,
                                0.25f,
                                -0.25f,
                                0.25f,
                                0,
                                0.25f,
                                0.25f,
                                -1.25f,
                                0,
                                0.25f,
                                -0.25f,
                                0.25f,
                                0,
                                0.25f,
                                0.25f,
                                -1.25f,
                                0,
                                0.25f,
                                -0.25f,
                                0.25f,
                                0,
                                0.25f,
                                0.25f,
                                -1.25f,
                                0,
                                0.25f,
                                -0.25f,
                                0.25f,
                                0,
                                0.25f,
                                0.25f)),
                OpCase.of(
                        "float16",
                        new STFT(true),
                        random(DType.FLOAT16, 1, 1, 10, 1),
                        Tensor.scalar(2),
                        random(DType.FLOAT16, 2, 5)),
                OpCase.of("step 0", new STFT(true), steps(11, 1, 8, 1), Tensor.scalar(0L), linear(0.25, 0.25, 4))
                        .fails("frame_step 0"),
                OpCase.of(
                                "frame longer than the signal",
                                new STFT(true),
                                steps(11, 1, 8, 1),
                                Tensor.scalar(1L),
                                null,
                                Tensor.scalar(9L))
                        .fails("at most that of the signal"),
                OpCase.of(
                                "onesided of a complex signal",
                                new STFT(true),
                                steps(7, 2, 5, 2),
                                Tensor.scalar(1L),
                                null,
                                Tensor.scalar(4L))
                        .fails("onesided with complex signal"));
    }
}
