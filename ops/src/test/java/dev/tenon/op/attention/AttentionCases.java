package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Attention}. */
public final class AttentionCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "4-D",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2))
                        .expect(f32(dims(1, 2, 2, 2), """
                                0.59346867 0.84346867
                                0.55389005 0.80389005
                                2.0135279 2.2635279
                                1.9729664 2.2229664""")),
                OpCase.of(
                                "all outputs",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2))
                        .expect(
                                f32(dims(1, 2, 2, 2), """
                                        0.59346867 0.84346867
                                        0.55389005 0.80389005
                                        2.0135279 2.2635279
                                        1.9729664 2.2229664"""),
                                f32(dims(1, 2, 3, 3), """
                                        1 0.9375 0.875   0.8125 0.75 0.6875
                                        0.625 0.5625 0.5   0.4375 0.375 0.3125
                                        0.25 0.1875 0.125   0.0625 0 -0.0625"""),
                                f32(dims(1, 2, 3, 2), "0 0.25 0.5 0.75 1 1.25 1.5 1.75 2 2.25 2.5 2.75"),
                                f32(dims(1, 2, 2, 3), """
                                        -1.429844 -1.1456795 -0.86151487
                                        -0.82091993 -0.6585401 -0.4961604
                                        -0.09021098 -0.04961604 -0.009021098
                                        0.15335867 0.07216878 -0.009021098""")),
                OpCase.of(
                                "scale",
                                new Attention(false, null, null, 0.5f, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2))
                        .expect(f32(dims(1, 2, 2, 2), """
                                0.58121395 0.83121395
                                0.54672116 0.79672116
                                2.0117164 2.2617164
                                1.9765818 2.2265818""")),
                OpCase.of(
                                "causal",
                                new Attention(true, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2))
                        .expect(f32(dims(1, 2, 2, 2), "0 0.25 0.270253 0.520253 1.5 1.75 1.7398568 1.9898568")),
                OpCase.of(
                                "packed, groups of heads",
                                new Attention(false, 2L, 1L, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 2, 2, 4),
                                linear(1, -0.0625, 2, 3, 2),
                                linear(0, 0.25, 2, 3, 2))
                        .expect(f32(dims(2, 2, 4), """
                                0.5549913 0.8049913 0.5404119 0.7904119
                                0.5257543 0.7757543 0.5110465 0.7610465
                                1.9963173 2.2463171 1.9815952 2.231595
                                1.9669089 2.216909 1.9522868 2.202287""")),
                OpCase.of(
                                "groups of heads",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.0625, 1, 4, 2, 2),
                                linear(1, -0.125, 1, 2, 2, 2),
                                linear(0, 0.25, 1, 2, 2, 2))
                        .expect(f32(dims(1, 4, 2, 2), """
                                0.29239944 0.5423994   0.28701475 0.5370147
                                0.28159472 0.53159475   0.27614436 0.5261443
                                1.2706687 1.5206687   1.2651731 1.5151731
                                1.2596626 1.5096626   1.2541429 1.5041429""")),
                OpCase.of(
                                "mask of bool",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                Tensor.of(new boolean[] {true, false, true, true, true, false}, dims(2, 3)))
                        .expect(f32(dims(1, 2, 2, 2), """
                                0.63837755 0.88837755
                                0.270253 0.520253
                                2.0202863 2.2702863
                                1.7398568 1.9898568""")),
                OpCase.of(
                                "mask of numbers, scores with it",
                                new Attention(false, null, null, null, 0, 2, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                linear(-0.5, 0.25, 1, 2, 2, 3))
                        .expect(
                                f32(dims(1, 2, 2, 2), """
                                        0.6700793 0.9200793
                                        0.63370216 0.88370216
                                        2.0955262 2.3455262
                                        2.0560045 2.3060045"""),
                                f32(dims(1, 2, 3, 3), """
                                        1 0.9375 0.875   0.8125 0.75 0.6875
                                        0.625 0.5625 0.5   0.4375 0.375 0.3125
                                        0.25 0.1875 0.125   0.0625 0 -0.0625"""),
                                f32(dims(1, 2, 3, 2), "0 0.25 0.5 0.75 1 1.25 1.5 1.75 2 2.25 2.5 2.75"),
                                f32(dims(1, 2, 2, 3), """
                                        -1.929844 -1.3956795 -0.86151487
                                        -0.57091993 -0.15854014 0.2538396
                                        0.909789 1.200384 1.490979
                                        1.9033587 2.0721688 2.240979""")),
                OpCase.of(
                                "short mask",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                Tensor.of(new boolean[] {true, true, true, false}, dims(2, 2)))
                        .expect(f32(dims(1, 2, 2, 2), "0.28528348 0.53528345 0 0.25 1.7550737 2.0050738 1.5 1.75")),
                OpCase.of(
                                "nothing to see, probabilities",
                                new Attention(false, null, null, null, 0, 3, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                Tensor.of(new boolean[] {false, false, false, true, true, false}, dims(2, 3)))
                        .expect(
                                f32(dims(1, 2, 2, 2), 0, 0, 0.270253f, 0.520253f, 0, 0, 1.7398568f, 1.9898568f),
                                f32(dims(1, 2, 3, 3), """
                                        1 0.9375 0.875   0.8125 0.75 0.6875
                                        0.625 0.5625 0.5   0.4375 0.375 0.3125
                                        0.25 0.1875 0.125   0.0625 0 -0.0625"""),
                                f32(dims(1, 2, 3, 2), "0 0.25 0.5 0.75 1 1.25 1.5 1.75 2 2.25 2.5 2.75"),
                                f32(dims(1, 2, 2, 3), "0 0 0 0.45949402 0.540506 0 0 0 0 0.5202863 0.47971368 0")),
                OpCase.of(
                                "softcap, scores after it",
                                new Attention(false, null, null, null, 0.5f, 1, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                linear(-0.5, 0.25, 1, 2, 2, 3))
                        .expect(
                                f32(dims(1, 2, 2, 2), """
                                        0.5871278 0.8371278
                                        0.596443 0.846443
                                        2.0953817 2.3453817
                                        2.056732 2.306732"""),
                                f32(dims(1, 2, 3, 3), """
                                        1 0.9375 0.875   0.8125 0.75 0.6875
                                        0.625 0.5625 0.5   0.4375 0.375 0.3125
                                        0.25 0.1875 0.125   0.0625 0 -0.0625"""),
                                f32(dims(1, 2, 3, 2), "0 0.25 0.5 0.75 1 1.25 1.5 1.75 2 2.25 2.5 2.75"),
                                f32(dims(1, 2, 2, 3), """
                                        -0.496729 -0.48987648 -0.4691134
                                        -0.46386465 -0.433028 -0.3791751
                                        -0.08924471 -0.04945382 -0.009020119
                                        0.1487239 0.071671754 -0.009020119""")),
                OpCase.of(
                                "past, causal",
                                new Attention(true, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 1, 3),
                                linear(1, -0.0625, 1, 2, 1, 3),
                                linear(0, 0.25, 1, 2, 1, 2),
                                null,
                                linear(0.5, -0.125, 1, 2, 2, 3),
                                linear(-1, 0.25, 1, 2, 2, 2))
                        .expect(
                                f32(dims(1, 2, 1, 2), -0.58915365f, -0.33915365f, 0.3191409f, 0.5691409f),
                                f32(dims(1, 2, 3, 3), """
                                        0.5 0.375 0.25   0.125 0 -0.125   1 0.9375 0.875
                                        -0.25 -0.375 -0.5   -0.625 -0.75 -0.875
                                        0.8125 0.75 0.6875"""),
                                f32(dims(1, 2, 3, 2), "-1 -0.75 -0.5 -0.25 0 0.25 0 0.25 0.5 0.75 0.5 0.75")),
                OpCase.of(
                                "valid keys",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 2, 1, 2, 2),
                                linear(1, -0.0625, 2, 1, 4, 2),
                                linear(0, 0.25, 2, 1, 4, 2),
                                null,
                                null,
                                null,
                                i64(dims(2), 1, 4))
                        .expect(f32(dims(2, 1, 2, 2), "0 0.25 0 0.25 2.7982557 3.0482557 2.7707095 3.0207095")),
                OpCase.of(
                                "valid keys, causal",
                                new Attention(true, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 2, 1, 2, 2),
                                linear(1, -0.0625, 2, 1, 4, 2),
                                linear(0, 0.25, 2, 1, 4, 2),
                                null,
                                null,
                                null,
                                i64(dims(2), 1, 4))
                        .expect(f32(dims(2, 1, 2, 2), 0, 0, 0, 0.25f, 2.5257542f, 2.7757542f, 2.7707095f, 3.0207095f)),
                OpCase.of(
                                "window",
                                new Attention(false, null, null, null, 0, 0, null, 2, 1),
                                linear(-1, 0.125, 1, 1, 4, 2),
                                linear(1, -0.0625, 1, 1, 6, 2),
                                linear(0, 0.25, 1, 1, 6, 2))
                        .expect(f32(dims(1, 1, 4, 2), """
                                0.27066875 0.52066875
                                0.5404119 0.7904119
                                0.7982556 1.0482557
                                1.2707095 1.5207095""")),
                OpCase.of(
                                "masked NaN",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(0, 1, 1, 1, 1, 1),
                                f32(dims(1, 1, 2, 1), 1, Float.NaN),
                                f32(dims(1, 1, 2, 1), 5, Float.NaN),
                                Tensor.of(new boolean[] {true, false}, 1, 2))
                        .expect(f32(dims(1, 1, 1, 1), 5)),
                OpCase.of(
                        "float16, double precision",
                        new Attention(false, null, null, null, 0, 0, DType.FLOAT64, -1, -1),
                        random(DType.FLOAT16, 1, 1, 2, 3, 4),
                        random(DType.FLOAT16, 2, 1, 2, 5, 4),
                        random(DType.FLOAT16, 3, 1, 2, 5, 4)),
                OpCase.of(
                                "double, no key",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                random(DType.FLOAT64, 1, 1, 1, 2, 3),
                                random(DType.FLOAT64, 2, 1, 1, 0, 3),
                                random(DType.FLOAT64, 3, 1, 1, 0, 2))
                        .expect(Tensor.of(new double[4], 1, 1, 2, 2)),
                OpCase.of(
                        "bfloat16, no query",
                        new Attention(false, null, null, null, 0, 0, null, -1, -1),
                        random(DType.BFLOAT16, 1, 1, 1, 0, 3),
                        random(DType.BFLOAT16, 2, 1, 1, 4, 3),
                        random(DType.BFLOAT16, 3, 1, 1, 4, 2)),
                OpCase.of(
                                "packed without heads",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 2, 2, 4),
                                linear(1, -0.0625, 2, 3, 2),
                                linear(0, 0.25, 2, 3, 2))
                        .fails("without the numbers of heads"),
                OpCase.of(
                                "sizes of heads differ",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.125, 1, 2, 2, 2),
                                linear(0, 0.25, 1, 2, 2, 2))
                        .fails("size of heads"),
                OpCase.of(
                                "mask too long",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 2, 3),
                                linear(1, -0.0625, 1, 2, 3, 3),
                                linear(0, 0.25, 1, 2, 3, 2),
                                linear(0, 1, 2, 4))
                        .fails("'attn_mask' has shape"),
                OpCase.of(
                                "past of keys alone",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(-1, 0.125, 1, 2, 1, 3),
                                linear(1, -0.0625, 1, 2, 1, 3),
                                linear(0, 0.25, 1, 2, 1, 2),
                                null,
                                linear(0.5, -0.125, 1, 2, 2, 3))
                        .fails("only one of past_key and past_value"),
                OpCase.of(
                                "groups that are not equal",
                                new Attention(false, null, null, null, 0, 0, null, -1, -1),
                                linear(0, 1, 1, 3, 1, 2),
                                linear(0, 1, 1, 2, 1, 2),
                                linear(0, 1, 1, 2, 1, 2))
                        .fails("a multiple of"));
    }
}
