package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CausalConvWithState}. */
public final class CausalConvWithStateCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                new CausalConvWithState("none"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0.5, -0.25, 2, 1, 3))
                        .expect(
                                f32(dims(2, 2, 4), """
                                        0 -0.25 -0.6875 -0.5
                                        0 -0.1875 -0.5 -0.875
                                        0 0.25 0.8125 1
                                        -1.5 -2.6875 -3.5 -3.875"""),
                                f32(dims(2, 2, 2), -0.5f, -0.25f, 0.5f, 0.75f, 1.5f, 1.75f, 2.5f, 2.75f)),
                OpCase.of(
                                "bias and state",
                                new CausalConvWithState("none"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0.5, -0.25, 2, 1, 3),
                                linear(0.25, 0.5, 2),
                                linear(1, -0.25, 2, 2, 2))
                        .expect(
                                f32(dims(2, 2, 4), """
                                        0.9375 0.375 -0.4375 -0.25
                                        0.5 0.5 0.25 -0.125
                                        0.1875 0.375 1.0625 1.25
                                        -0.25 -1.75 -2.75 -3.125"""),
                                f32(dims(2, 2, 2), -0.5f, -0.25f, 0.5f, 0.75f, 1.5f, 1.75f, 2.5f, 2.75f)),
                OpCase.of(
                                "silu",
                                new CausalConvWithState("silu"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0.5, -0.25, 2, 1, 3),
                                linear(0.25, 0.5, 2))
                        .expect(
                                f32(dims(2, 2, 4), """
                                        0.14054413 0 -0.17164737
                                        -0.109455876
                                        0.50938404 0.35832983 0.14054413
                                        -0.058598828
                                        0.14054413 0.31122968 0.789616
                                        0.97162485
                                        -0.24061598 -0.24397536 -0.16523829
                                        -0.13152415"""),
                                f32(dims(2, 2, 2), -0.5f, -0.25f, 0.5f, 0.75f, 1.5f, 1.75f, 2.5f, 2.75f)),
                OpCase.of(
                                "shorter than the kernel",
                                new CausalConvWithState("swish"),
                                linear(-1, 0.25, 2, 2, 1),
                                linear(0.5, -0.25, 2, 1, 3),
                                null,
                                linear(1, -0.25, 2, 2, 2))
                        .expect(
                                f32(dims(2, 2, 1), 0.45746976f, 0.18046731f, -0.030273756f, 0.45746976f),
                                f32(dims(2, 2, 2), 0.75f, -1, 0.25f, -0.75f, -0.25f, -0.5f, -0.75f, -0.25f)),
                OpCase.of(
                                "kernel of one",
                                new CausalConvWithState("none"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(2, 1, 2, 1, 1))
                        .expect(
                                f32(dims(2, 2, 4), "-2 -1.5 -1 -0.5 0 0.75 1.5 2.25 2 2.5 3 3.5 6 6.75 7.5 8.25"),
                                f32(dims(2, 2, 0))),
                OpCase.of(
                        "float16",
                        new CausalConvWithState("none"),
                        random(DType.FLOAT16, 1, 1, 2, 5),
                        random(DType.FLOAT16, 2, 2, 1, 4)),
                OpCase.of("empty", new CausalConvWithState("none"), linear(0, 1, 0, 2, 5), linear(0, 1, 2, 1, 4)),
                OpCase.of("rank 2", new CausalConvWithState("none"), linear(0, 1, 2, 4), linear(0.5, -0.25, 2, 1, 3))
                        .fails("'input' has shape"),
                OpCase.of(
                                "channels differ",
                                new CausalConvWithState("none"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0, 1, 3, 1, 3))
                        .fails("'weight' has shape"));
    }
}
