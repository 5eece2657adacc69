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
                                f32(
                                        dims(2, 2, 4),
                                        0,
                                        -0.25f,
                                        -0.6875f,
                                        -0.5f,
                                        0,
                                        -0.1875f,
                                        -0.5f,
                                        -0.875f,
                                        0,
                                        0.25f,
                                        0.8125f,
                                        1,
                                        -1.5f,
                                        -2.6875f,
                                        -3.5f,
                                        -3.875f),
                                f32(dims(2, 2, 2), -0.5f, -0.25f, 0.5f, 0.75f, 1.5f, 1.75f, 2.5f, 2.75f)),
                OpCase.of(
                                "bias and state",
                                new CausalConvWithState("none"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0.5, -0.25, 2, 1, 3),
                                linear(0.25, 0.5, 2),
                                linear(1, -0.25, 2, 2, 2))
                        .expect(
                                f32(
                                        dims(2, 2, 4),
                                        0.9375f,
                                        0.375f,
                                        -0.4375f,
                                        -0.25f,
                                        0.5f,
                                        0.5f,
                                        0.25f,
                                        -0.125f,
                                        0.1875f,
                                        0.375f,
                                        1.0625f,
                                        1.25f,
                                        -0.25f,
                                        -1.75f,
                                        -2.75f,
                                        -3.125f),
                                f32(dims(2, 2, 2), -0.5f, -0.25f, 0.5f, 0.75f, 1.5f, 1.75f, 2.5f, 2.75f)),
                OpCase.of(
                                "silu",
                                new CausalConvWithState("silu"),
                                linear(-1, 0.25, 2, 2, 4),
                                linear(0.5, -0.25, 2, 1, 3),
                                linear(0.25, 0.5, 2))
                        .expect(
                                f32(
                                        dims(2, 2, 4),
                                        0.14054413f,
                                        0,
                                        -0.17164737f,
                                        -0.109455876f,
                                        0.50938404f,
                                        0.35832983f,
                                        0.14054413f,
                                        -0.058598828f,
                                        0.14054413f,
                                        0.31122968f,
                                        0.789616f,
                                        0.97162485f,
                                        -0.24061598f,
                                        -0.24397536f,
                                        -0.16523829f,
                                        -0.13152415f),
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
                                f32(
                                        dims(2, 2, 4),
                                        -2,
                                        -1.5f,
                                        -1,
                                        -0.5f,
                                        0,
                                        0.75f,
                                        1.5f,
                                        2.25f,
                                        2,
                                        2.5f,
                                        3,
                                        3.5f,
                                        6,
                                        6.75f,
                                        7.5f,
                                        8.25f),
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
