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
                        .expect(f32(dims(1, 3, 3, 2), """
                                -1.5 0   -1 -5.75   1 0   0.5 0   -2.5 1.25   5 0
                                -0.25 0   4.25 2.75   -4.75 0""")),
                OpCase.of(
                                "frames without window",
                                new STFT(true),
                                steps(11, 1, 8, 1),
                                Tensor.scalar(3L),
                                null,
                                Tensor.scalar(5L))
                        .expect(f32(dims(1, 2, 3, 2), """
                                2.5 0   2.3991868 -3.3021975   -9.899187 3.216441   -2.5 0
                                2.3991868 -3.3021975   -9.899187 3.216441""")),
                OpCase.of(
                                "window shorter than the frame",
                                new STFT(true),
                                steps(11, 1, 8, 1),
                                Tensor.scalar(2L),
                                linear(0.5, 0.25, 3),
                                Tensor.scalar(4L))
                        .expect(f32(dims(1, 3, 3, 2), """
                                2.625 0   -1.75 -3.375   -4.125 0   1.125 0   -3.25 2.625
                                6.375 0   -3.125 0   6.25 0.375   -2.375 0""")),
                OpCase.of("complex", new STFT(false), steps(7, 2, 5, 2), Tensor.scalar(1L), null, Tensor.scalar(4L))
                        .expect(f32(dims(2, 2, 4, 2), """
                                -2 -2   0 0   0 0   0 0   -2 -2   0 0   0 0   0 0   -2 -2
                                0 0   0 0   0 0   -2 -2   0 0   0 0   0 0""")),
                OpCase.of(
                                "rank 2, both sides",
                                new STFT(false),
                                steps(7, 2, 6),
                                Tensor.scalar(2L),
                                linear(0.25, 0.25, 4))
                        .expect(f32(dims(2, 2, 4, 2), """
                                -1.25 0   0.25 -0.25   0.25 0   0.25 0.25   -1.25 0
                                0.25 -0.25   0.25 0   0.25 0.25   -1.25 0   0.25 -0.25
                                0.25 0   0.25 0.25   -1.25 0   0.25 -0.25   0.25 0
                                0.25 0.25""")),
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
