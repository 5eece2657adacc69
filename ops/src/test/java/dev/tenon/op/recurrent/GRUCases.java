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

/** Cases of {@link GRU}. */
public final class GRUCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "forward",
                                new GRU(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.23495832 -0.3678888
                                        -0.15985388 -0.24553168
                                        0.0026530703 -0.016381348
                                        0.36560732 0.36264557"""),
                                f32(dims(1, 2, 2), 0.0026530703f, -0.016381348f, 0.36560732f, 0.36264557f)),
                OpCase.of(
                                "bias",
                                new GRU(
                                        new RecurrentAttributes(
                                                "forward", 2L, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.1819225 -0.29844815
                                        -0.013918268 -0.043094143
                                        0.22955222 0.2172857
                                        0.5259443 0.49071553"""),
                                f32(dims(1, 2, 2), 0.22955222f, 0.2172857f, 0.5259443f, 0.49071553f)),
                OpCase.of(
                                "reverse",
                                new GRU(
                                        new RecurrentAttributes(
                                                "reverse", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.040601093 -0.07412074
                                        0.3355661 0.2480532
                                        0.26965895 0.31288037
                                        0.525577 0.50492203"""),
                                f32(dims(1, 2, 2), 0.040601093f, -0.07412074f, 0.3355661f, 0.2480532f)),
                OpCase.of(
                                "both directions, lengths, initial state",
                                new GRU(
                                        new RecurrentAttributes(
                                                "bidirectional", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.125, 3, 2, 2),
                                linear(-0.5, 0.125, 2, 6, 2),
                                linear(0.5, -0.0625, 2, 6, 2),
                                linear(-0.25, 0.0625, 2, 12),
                                ints(DType.INT32, dims(2), 1, 3),
                                linear(0.5, -0.25, 2, 2, 2))
                        .expect(f32(dims(3, 2, 2, 2), """
                                        0.21987745 -0.112445004   -0.14899449 -0.37625524
                                        -0.742335 -0.87824744   -0.45351934 -0.67973506
                                        0 0   0.032446366 -0.051144607   0 0
                                        -0.55129 -0.8734128   0 0   0.3878916 0.3824159
                                        0 0   -0.87257695 -1.1660159"""), f32(dims(2, 2, 2), """
                                        0.21987745 -0.112445004
                                        0.3878916 0.3824159
                                        -0.742335 -0.87824744
                                        -0.45351934 -0.67973506""")),
                OpCase.of(
                                "batch first",
                                new GRU(
                                        new RecurrentAttributes(
                                                "forward", null, List.of(), List.of(), List.of(), null, true),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                null,
                                null,
                                linear(0.5, -0.25, 2, 1, 2))
                        .expect(
                                f32(dims(2, 2, 1, 2), """
                                        0.1970454 -0.15399516
                                        -0.03866852 -0.3258754
                                        0.08969566 0.0075540985
                                        0.41517773 0.42443034"""),
                                f32(dims(2, 1, 2), -0.03866852f, -0.3258754f, 0.41517773f, 0.42443034f)),
                OpCase.of(
                                "activations with parameters, clip",
                                new GRU(
                                        new RecurrentAttributes(
                                                "forward",
                                                null,
                                                List.of("HardSigmoid", "LeakyRelu"),
                                                List.of(0.25f, 0.125f),
                                                List.of(0.5f),
                                                0.5f,
                                                false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.0234375 -0.025878906
                                        -0.001739502 -0.0054016113
                                        0.26992184 0.24338768
                                        0.3118477 0.27523404"""),
                                f32(dims(1, 2, 2), 0.26992184f, 0.24338768f, 0.3118477f, 0.27523404f)),
                OpCase.of(
                                "linear before reset",
                                new GRU(RecurrentAttributes.forward(), true),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        -0.22262356 -0.34004605
                                        -0.09219577 -0.13812156
                                        0.1269254 0.14058813
                                        0.46789497 0.44945517"""),
                                f32(dims(1, 2, 2), 0.1269254f, 0.14058813f, 0.46789497f, 0.44945517f)),
                OpCase.of(
                                "Y alone",
                                new GRU(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .expect(f32(dims(2, 1, 2, 2), """
                                -0.23495832 -0.3678888
                                -0.15985388 -0.24553168
                                0.0026530703 -0.016381348
                                0.36560732 0.36264557""")),
                OpCase.of(
                        "random, larger",
                        new GRU(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT32, 1, 3, 2, 12),
                        random(DType.FLOAT32, 2, 1, 60, 12),
                        random(DType.FLOAT32, 3, 1, 60, 20),
                        random(DType.FLOAT32, 4, 1, 120)),
                OpCase.of(
                        "float16",
                        new GRU(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT16, 1, 2, 2, 3),
                        random(DType.FLOAT16, 2, 1, 6, 3),
                        random(DType.FLOAT16, 3, 1, 6, 2)),
                OpCase.of(
                        "double, empty batch",
                        new GRU(RecurrentAttributes.forward(), false),
                        random(DType.FLOAT64, 1, 2, 0, 3),
                        random(DType.FLOAT64, 2, 1, 6, 3),
                        random(DType.FLOAT64, 3, 1, 6, 2)),
                OpCase.of(
                        "bfloat16, no step",
                        new GRU(RecurrentAttributes.forward(), false),
                        random(DType.BFLOAT16, 1, 0, 2, 3),
                        random(DType.BFLOAT16, 2, 1, 6, 3),
                        random(DType.BFLOAT16, 3, 1, 6, 2)),
                OpCase.of(
                                "size of the input differs",
                                new GRU(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 3),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "size of the state differs",
                                new GRU(
                                        new RecurrentAttributes(
                                                "forward", 3L, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "too long a sequence",
                                new GRU(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                null,
                                ints(DType.INT32, dims(2), 1, 3))
                        .fails("sequence_lens[1] is 3"),
                OpCase.of(
                                "one direction of weights",
                                new GRU(
                                        new RecurrentAttributes(
                                                "bidirectional", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .fails("'W' has shape"));
    }
}
