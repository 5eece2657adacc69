package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LinearAttention}. */
public final class LinearAttentionCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "linear",
                                new LinearAttention("linear", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4))
                        .expect(
                                f32(dims(1, 3, 4), """
                                        0 -0.15606068 -0.16849029
                                        -0.25273544
                                        -0.1381068 -0.24583009 -0.088388346
                                        -0.11877184
                                        0.0055242716 0.017953884 -0.04695631
                                        -0.017953884"""),
                                f32(dims(1, 2, 2, 2), "0.25 0.4375 0.0625 0.203125 0.0625 0.15625 -0.21875 -0.171875")),
                OpCase.of(
                                "gated by heads",
                                new LinearAttention("gated", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                linear(-1, 0.125, 1, 3, 2))
                        .expect(f32(dims(1, 3, 4), """
                                        0.18696846 -0.03006019 -0.21454749
                                        -0.3494555
                                        -0.09586792 -0.17840989 -0.071496464
                                        -0.09836455
                                        -0.0033256386 0.0017405595 -0.102071024
                                        -0.09119103"""), f32(dims(1, 2, 2, 2), """
                                        0.098933056 0.18582922
                                        -0.037625305 0.019692183
                                        -0.11465585 -0.070769995
                                        -0.3084967 -0.2967229""")),
                OpCase.of(
                                "gated by elements, scale",
                                new LinearAttention("gated", 2, 2, 0.5f, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                null,
                                linear(-1, 0.0625, 1, 3, 4))
                        .expect(f32(dims(1, 3, 4), """
                                        0 -0.11035156 -0.119140625
                                        -0.17871094
                                        -0.09765625 -0.14714375 -0.047406353
                                        -0.061343897
                                        -0.00024630595 0.0028879838 -0.07714942
                                        -0.07459915"""), f32(dims(1, 2, 2, 2), """
                                        0.15163267 0.22535394
                                        -0.003940895 0.04620774
                                        -0.11465585 -0.089939386
                                        -0.33502635 -0.33790255""")),
                OpCase.of(
                                "delta",
                                new LinearAttention("delta", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                null,
                                linear(0.25, 0.125, 1, 3, 2))
                        .expect(f32(dims(1, 3, 4), """
                                        0.4521487 0.26569372 -0.16379681
                                        -0.306063
                                        0.1371254 0.037051864 -0.062398277
                                        -0.105162434
                                        -0.017326182 -0.0045087044 -0.03716373
                                        0.013821569"""), f32(dims(1, 2, 2, 2), """
                                        -0.3109188 -0.14576244
                                        -0.19602336 -0.05101017
                                        -0.10867217 0.024038345
                                        -0.067705095 0.036098838""")),
                OpCase.of(
                                "gated delta",
                                new LinearAttention("gated_delta", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                linear(-1, 0.0625, 1, 3, 4),
                                linear(0.25, 0.125, 1, 3, 1))
                        .expect(f32(dims(1, 3, 4), """
                                        0.16960117 0.07471345 -0.088229604
                                        -0.15833251
                                        -0.014225257 -0.047882203 -0.026998205
                                        -0.039964326
                                        -0.003790694 -0.0014949918 -0.056245234
                                        -0.050462004"""), f32(dims(1, 2, 2, 2), """
                                        0.010558114 0.044447117
                                        -0.04288681 -0.016913902
                                        -0.09365946 -0.07561793
                                        -0.14967442 -0.13989219""")),
                OpCase.of(
                                "groups of heads",
                                new LinearAttention("linear", 2, 1, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 2),
                                linear(0, 0.25, 1, 3, 3))
                        .expect(
                                f32(dims(1, 3, 6), """
                                        0 -0.15606068 -0.31212136
                                        0 -0.114628635 -0.22925727
                                        -0.16158494 -0.2886432 -0.41570145
                                        -0.070434466 -0.12567718 -0.1809199
                                        0.045575242 0.06629126 0.08700728
                                        0.25273544 0.36460194 0.47646844"""),
                                f32(dims(1, 1, 2, 3), 0.65625f, 0.9375f, 1.21875f, 0.515625f, 0.75f, 0.984375f)),
                OpCase.of(
                        "float16, state of float32",
                        new LinearAttention("linear", 1, 1, 0, 64),
                        random(DType.FLOAT16, 1, 1, 2, 2),
                        random(DType.FLOAT16, 2, 1, 2, 2),
                        random(DType.FLOAT16, 3, 1, 2, 3),
                        random(DType.FLOAT32, 4, 1, 1, 2, 3)),
                OpCase.of(
                                "no position",
                                new LinearAttention("linear", 1, 1, 0, 64),
                                linear(0, 1, 1, 0, 2),
                                linear(0, 1, 1, 0, 2),
                                linear(0, 1, 1, 0, 2),
                                linear(0, 1, 1, 1, 2, 2))
                        .expect(linear(0, 1, 1, 0, 2), linear(0, 1, 1, 1, 2, 2)),
                OpCase.of(
                                "gated without decay",
                                new LinearAttention("gated", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4))
                        .fails("without decay"),
                OpCase.of(
                                "linear with beta",
                                new LinearAttention("linear", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                null,
                                null,
                                linear(0.25, 0.125, 1, 3, 2))
                        .fails("with beta"),
                OpCase.of(
                                "state of another shape",
                                new LinearAttention("linear", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(0, 1, 1, 2, 2, 3))
                        .fails("'past_state' has shape"));
    }
}
