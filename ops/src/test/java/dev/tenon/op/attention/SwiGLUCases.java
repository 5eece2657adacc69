package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SwiGLU}. */
public final class SwiGLUCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", new SwiGLU(1), linear(-2, 0.5, 3, 3), linear(1, -0.25, 3, 3))
                        .expect(f32(dims(3, 3), """
                                -0.23840584 -0.20522872 -0.13447072
                                -0.047192585 0 -0.07780742
                                -0.3655293 -0.9197713 -1.7615942""")),
                OpCase.of("alpha", new SwiGLU(2.5f), linear(-2, 0.5, 3, 3), linear(1, -0.25, 3, 3))
                        .expect(f32(dims(3, 3), """
                                -0.013385702 -0.025849542 -0.03792909
                                -0.027837517 0 -0.097162485
                                -0.4620709 -1.0991504 -1.9866143""")),
                OpCase.of(
                                "NaN and infinity",
                                new SwiGLU(1),
                                f32(dims(2), Float.NaN, Float.POSITIVE_INFINITY),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(2), Float.NaN, Float.POSITIVE_INFINITY)),
                OpCase.of("double scalar", new SwiGLU(1), Tensor.scalar(0.0), Tensor.scalar(3.0))
                        .expect(Tensor.scalar(0.0)),
                OpCase.of(
                        "float16, empty",
                        new SwiGLU(1),
                        random(DType.FLOAT16, 1, 0, 2),
                        random(DType.FLOAT16, 1, 0, 2)),
                OpCase.of("shapes differ", new SwiGLU(1), linear(-2, 0.5, 3, 3), linear(0, 1, 3, 1))
                        .fails("'B' has shape"));
    }
}
