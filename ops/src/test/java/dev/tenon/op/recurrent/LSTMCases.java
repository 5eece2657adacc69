package dev.tenon.op.recurrent;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LSTM}. */
public final class LSTMCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "forward",
                                new LSTM(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.27322912 -0.19161761
                                        -0.17951065 -0.17051312
                                        -0.09036879 -0.05522904
                                        0.019955998 0.054513913"""),
                                f32(dims(1, 2, 2), -0.09036879f, -0.05522904f, 0.019955998f, 0.054513913f),
                                f32(dims(1, 2, 2), -0.18982758f, -0.108311266f, 0.039598238f, 0.09231128f)),
                OpCase.of(
                                "bias",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "forward", 2L, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                linear(-0.25, 0.0625, 1, 16))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.2687828 -0.22915356
                                        -0.010133739 -0.028683282
                                        -0.009336001 0.022494853
                                        0.19165802 0.27365807"""),
                                f32(dims(1, 2, 2), -0.009336001f, 0.022494853f, 0.19165802f, 0.27365807f),
                                f32(dims(1, 2, 2), -0.01720559f, 0.03728002f, 0.34130663f, 0.42285365f)),
                OpCase.of(
                                "reverse",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "reverse", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                linear(-0.25, 0.0625, 1, 16))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.24805021 -0.20579602
                                        0.043459173 0.027952304
                                        0.20125824 0.2540701
                                        0.20154715 0.3009064"""),
                                f32(dims(1, 2, 2), -0.24805021f, -0.20579602f, 0.043459173f, 0.027952304f),
                                f32(dims(1, 2, 2), -0.4727539f, -0.4681735f, 0.07498235f, 0.050875843f)),
                OpCase.of(
                                "both directions, lengths, initial state",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "bidirectional", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.125, 3, 2, 2),
                                linear(-0.5, 0.125, 2, 8, 2),
                                linear(0.5, -0.0625, 2, 8, 2),
                                linear(-0.25, 0.0625, 2, 16),
                                ints(DType.INT32, dims(2), 1, 3),
                                linear(0.5, -0.25, 2, 2, 2))
                        .expect(f32(dims(3, 2, 2, 2), """
                                        -0.34326538 -0.26735127   -0.17642836 -0.17882638
                                        -0.12803032 -0.105917916   -0.1045212 -0.08306395
                                        0 0   0.008829865 0.013416626   0 0
                                        0.16150175 0.09637587   0 0   0.2181167 0.2916691
                                        0 0   0.75153565 0.7558451"""), f32(dims(2, 2, 2), """
                                        -0.34326538 -0.26735127
                                        0.2181167 0.2916691
                                        -0.12803032 -0.105917916
                                        -0.1045212 -0.08306395"""), f32(dims(2, 2, 2), """
                                        -0.68444836 -0.6479672
                                        0.39940938 0.49094126
                                        -0.38520882 -0.3593117
                                        -0.3450461 -0.3265223""")),
                OpCase.of(
                                "batch first",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "forward", null, List.of(), List.of(), List.of(), null, true),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                null,
                                null,
                                linear(0.5, -0.25, 2, 1, 2))
                        .expect(
                                f32(dims(2, 2, 1, 2), """
                                        -0.3246266 -0.21962912
                                        -0.24361129 -0.21707803
                                        0.076230936 0.102858834
                                        0.22005063 0.31130573"""),
                                f32(dims(2, 1, 2), -0.24361129f, -0.21707803f, 0.22005063f, 0.31130573f),
                                f32(dims(2, 1, 2), -0.5869027f, -0.55239445f, 0.4390684f, 0.57005155f)),
                OpCase.of(
                                "activations with parameters, clip",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "forward",
                                                null,
                                                List.of("HardSigmoid", "LeakyRelu", "Affine"),
                                                List.of(0.25f, 0.125f, 2f),
                                                List.of(0.5f, 0.25f),
                                                0.5f,
                                                false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                linear(-0.25, 0.0625, 1, 16))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.09265137 0.07967377
                                        0.13613272 0.12756014
                                        0.40474433 0.4598635
                                        0.38745135 0.46308523"""),
                                f32(dims(1, 2, 2), 0.40474433f, 0.4598635f, 0.38745135f, 0.46308523f),
                                f32(dims(1, 2, 2), 0.22401506f, 0.24506515f, 0.19764748f, 0.2454682f)),
                OpCase.of(
                                "peepholes and initial cell",
                                new LSTM(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                linear(-0.25, 0.0625, 1, 16),
                                null,
                                linear(0.5, -0.25, 1, 2, 2),
                                linear(-0.5, 0.25, 1, 2, 2),
                                linear(-0.25, 0.125, 1, 6))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.4009937 -0.27904814
                                        0.014193956 0.07727111
                                        -0.07561327 -0.017961504
                                        0.21713421 0.3749648"""),
                                f32(dims(1, 2, 2), -0.07561327f, -0.017961504f, 0.21713421f, 0.3749648f),
                                f32(dims(1, 2, 2), -0.14306477f, -0.030041475f, 0.3865164f, 0.5947284f)),
                OpCase.of(
                                "coupled gates",
                                new LSTM(RecurrentAttributes.forward(), true),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                linear(-0.25, 0.0625, 1, 16))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.2687828 -0.22915356
                                        -0.010133739 -0.028683282
                                        0.0145087335 0.08626274
                                        0.1929718 0.28322834"""),
                                f32(dims(1, 2, 2), 0.0145087335f, 0.08626274f, 0.1929718f, 0.28322834f),
                                f32(dims(1, 2, 2), 0.026742304f, 0.14387904f, 0.3438343f, 0.43958095f)),
                OpCase.of(
                                "Y alone",
                                new LSTM(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2))
                        .expect(f32(dims(2, 1, 2, 2), """
                                -0.27322912 -0.19161761
                                -0.17951065 -0.17051312
                                -0.09036879 -0.05522904
                                0.019955998 0.054513913""")),
                OpCase.of(
                        "random, larger",
                        new LSTM(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT32, 1, 3, 2, 12),
                        random(DType.FLOAT32, 2, 1, 80, 12),
                        random(DType.FLOAT32, 3, 1, 80, 20),
                        random(DType.FLOAT32, 4, 1, 160)),
                OpCase.of(
                        "float16",
                        new LSTM(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT16, 1, 2, 2, 3),
                        random(DType.FLOAT16, 2, 1, 8, 3),
                        random(DType.FLOAT16, 3, 1, 8, 2)),
                OpCase.of(
                        "double, empty batch",
                        new LSTM(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT64, 1, 2, 0, 3),
                        random(DType.FLOAT64, 2, 1, 8, 3),
                        random(DType.FLOAT64, 3, 1, 8, 2)),
                OpCase.of(
                        "bfloat16, no step",
                        new LSTM(RecurrentAttributes.forward(), false),
                        random(DType.BFLOAT16, 1, 0, 2, 3),
                        random(DType.BFLOAT16, 2, 1, 8, 3),
                        random(DType.BFLOAT16, 3, 1, 8, 2)),
                OpCase.of(
                                "size of the input differs",
                                new LSTM(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 3),
                                linear(0.5, -0.0625, 1, 8, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "size of the state differs",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "forward", 3L, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "too long a sequence",
                                new LSTM(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2),
                                null,
                                ints(DType.INT32, dims(2), 1, 3))
                        .fails("sequence_lens[1] is 3"),
                OpCase.of(
                                "one direction of weights",
                                new LSTM(
                                        new RecurrentAttributes(
                                                "bidirectional", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 8, 2),
                                linear(0.5, -0.0625, 1, 8, 2))
                        .fails("'W' has shape"));
    }
}
