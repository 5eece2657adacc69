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
                                f32(
                                        dims(1, 3, 4),
                                        0,
                                        -0.15606068f,
                                        -0.16849029f,
                                        -0.25273544f,
                                        -0.1381068f,
                                        -0.24583009f,
                                        -0.088388346f,
                                        -0.11877184f,
                                        0.0055242716f,
                                        0.017953884f,
                                        -0.04695631f,
                                        -0.017953884f),
                                f32(
                                        dims(1, 2, 2, 2),
                                        0.25f,
                                        0.4375f,
                                        0.0625f,
                                        0.203125f,
                                        0.0625f,
                                        0.15625f,
                                        -0.21875f,
                                        -0.171875f)),
                OpCase.of(
                                "gated by heads",
                                new LinearAttention("gated", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                linear(-1, 0.125, 1, 3, 2))
                        .expect(
                                f32(
                                        dims(1, 3, 4),
                                        0.18696846f,
                                        -0.03006019f,
                                        -0.21454749f,
                                        -0.3494555f,
                                        -0.09586792f,
                                        -0.17840989f,
                                        -0.071496464f,
                                        -0.09836455f,
                                        -0.0033256386f,
                                        0.0017405595f,
                                        -0.102071024f,
                                        -0.09119103f),
                                f32(
                                        dims(1, 2, 2, 2),
                                        0.098933056f,
                                        0.18582922f,
                                        -0.037625305f,
                                        0.019692183f,
                                        -0.11465585f,
                                        -0.070769995f,
                                        -0.3084967f,
                                        -0.2967229f)),
                OpCase.of(
                                "gated by elements, scale",
                                new LinearAttention("gated", 2, 2, 0.5f, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                null,
                                linear(-1, 0.0625, 1, 3, 4))
                        .expect(
                                f32(
                                        dims(1, 3, 4),
                                        0,
                                        -0.11035156f,
                                        -0.119140625f,
                                        -0.17871094f,
                                        -0.09765625f,
                                        -0.14714375f,
                                        -0.047406353f,
                                        -0.061343897f,
                                        -0.00024630595f,
                                        0.0028879838f,
                                        -0.07714942f,
                                        -0.07459915f),
                                f32(
                                        dims(1, 2, 2, 2),
                                        0.15163267f,
                                        0.22535394f,
                                        -0.003940895f,
                                        0.04620774f,
                                        -0.11465585f,
                                        -0.089939386f,
                                        -0.33502635f,
                                        -0.33790255f)),
                OpCase.of(
                                "delta",
                                new LinearAttention("delta", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                null,
                                linear(0.25, 0.125, 1, 3, 2))
                        .expect(
                                f32(
                                        dims(1, 3, 4),
                                        0.4521487f,
                                        0.26569372f,
                                        -0.16379681f,
                                        -0.306063f,
                                        0.1371254f,
                                        0.037051864f,
                                        -0.062398277f,
                                        -0.105162434f,
                                        -0.017326182f,
                                        -0.0045087044f,
                                        -0.03716373f,
                                        0.013821569f),
                                f32(
                                        dims(1, 2, 2, 2),
                                        -0.3109188f,
                                        -0.14576244f,
                                        -0.19602336f,
                                        -0.05101017f,
                                        -0.10867217f,
                                        0.024038345f,
                                        -0.067705095f,
                                        0.036098838f)),
                OpCase.of(
                                "gated delta",
                                new LinearAttention("gated_delta", 2, 2, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 4),
                                linear(0, 0.25, 1, 3, 4),
                                linear(-0.5, 0.125, 1, 2, 2, 2),
                                linear(-1, 0.0625, 1, 3, 4),
                                linear(0.25, 0.125, 1, 3, 1))
                        .expect(
                                f32(
                                        dims(1, 3, 4),
                                        0.16960117f,
                                        0.07471345f,
                                        -0.088229604f,
                                        -0.15833251f,
                                        -0.014225257f,
                                        -0.047882203f,
                                        -0.026998205f,
                                        -0.039964326f,
                                        -0.003790694f,
                                        -0.0014949918f,
                                        -0.056245234f,
                                        -0.050462004f),
                                f32(
                                        dims(1, 2, 2, 2),
                                        0.010558114f,
                                        0.044447117f,
                                        -0.04288681f,
                                        -0.016913902f,
                                        -0.09365946f,
                                        -0.07561793f,
                                        -0.14967442f,
                                        -0.13989219f)),
                OpCase.of(
                                "groups of heads",
                                new LinearAttention("linear", 2, 1, 0, 64),
                                linear(-1, 0.125, 1, 3, 4),
                                linear(0.5, -0.0625, 1, 3, 2),
                                linear(0, 0.25, 1, 3, 3))
                        .expect(
                                f32(
                                        dims(1, 3, 6),
                                        0,
                                        -0.15606068f,
                                        -0.31212136f,
                                        0,
                                        -0.114628635f,
                                        -0.22925727f,
                                        -0.16158494f,
                                        -0.2886432f,
                                        -0.41570145f,
                                        -0.070434466f,
                                        -0.12567718f,
                                        -0.1809199f,
                                        0.045575242f,
                                        0.06629126f,
                                        0.08700728f,
                                        0.25273544f,
                                        0.36460194f,
                                        0.47646844f),
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
