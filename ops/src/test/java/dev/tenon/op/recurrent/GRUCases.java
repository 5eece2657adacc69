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
                                f32(
                                        dims(2, 1, 2, 2),
                                        -0.23495832f,
                                        -0.3678888f,
                                        -0.15985388f,
                                        -0.24553168f,
                                        0.0026530703f,
                                        -0.016381348f,
                                        0.36560732f,
                                        0.36264557f),
                                f32(dims(1, 2, 2), 0.0026530703f, -0.016381348f, 0.36560732f, 0.36264557f)),
                OpCase.of(
                                "bias",
                                new GRU(
                                        new RecurrentAttributes("forward", 2L, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(
                                        dims(2, 1, 2, 2),
                                        -0.1819225f,
                                        -0.29844815f,
                                        -0.013918268f,
                                        -0.043094143f,
                                        0.22955222f,
                                        0.2172857f,
                                        0.5259443f,
                                        0.49071553f),
                                f32(dims(1, 2, 2), 0.22955222f, 0.2172857f, 0.5259443f, 0.49071553f)),
                OpCase.of(
                                "reverse",
                                new GRU(
                                        new RecurrentAttributes("reverse", null, List.of(), List.of(), List.of(), null, false),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(
                                        dims(2, 1, 2, 2),
                                        0.040601093f,
                                        -0.07412074f,
                                        0.3355661f,
                                        0.2480532f,
                                        0.26965895f,
                                        0.31288037f,
                                        0.525577f,
                                        0.50492203f),
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
                        .expect(
                                f32(
                                        dims(3, 2, 2, 2),
                                        0.21987745f,
                                        -0.112445004f,
                                        -0.14899449f,
                                        -0.37625524f,
                                        -0.742335f,
                                        -0.87824744f,
                                        -0.45351934f,
                                        -0.67973506f,
                                        0,
                                        0,
                                        0.032446366f,
                                        -0.051144607f,
                                        0,
                                        0,
                                        -0.55129f,
                                        -0.8734128f,
                                        0,
                                        0,
                                        0.3878916f,
                                        0.3824159f,
                                        0,
                                        0,
                                        -0.87257695f,
                                        -1.1660159f),
                                f32(
                                        dims(2, 2, 2),
                                        0.21987745f,
                                        -0.112445004f,
                                        0.3878916f,
                                        0.3824159f,
                                        -0.742335f,
                                        -0.87824744f,
                                        -0.45351934f,
                                        -0.67973506f)),
                OpCase.of(
                                "batch first",
                                new GRU(
                                        new RecurrentAttributes("forward", null, List.of(), List.of(), List.of(), null, true),
                                        false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                null,
                                null,
                                linear(0.5, -0.25, 2, 1, 2))
                        .expect(
                                f32(
                                        dims(2, 2, 1, 2),
                                        0.1970454f,
                                        -0.15399516f,
                                        -0.03866852f,
                                        -0.3258754f,
                                        0.08969566f,
                                        0.0075540985f,
                                        0.41517773f,
                                        0.42443034f),
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
                                f32(
                                        dims(2, 1, 2, 2),
                                        -0.0234375f,
                                        -0.025878906f,
                                        -0.001739502f,
                                        -0.0054016113f,
                                        0.26992184f,
                                        0.24338768f,
                                        0.3118477f,
                                        0.27523404f),
                                f32(dims(1, 2, 2), 0.26992184f, 0.24338768f, 0.3118477f, 0.27523404f)),
                OpCase.of(
                                "linear before reset",
                                new GRU(RecurrentAttributes.forward(), true),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2),
                                linear(-0.25, 0.0625, 1, 12))
                        .expect(
                                f32(
                                        dims(2, 1, 2, 2),
                                        -0.22262356f,
                                        -0.34004605f,
                                        -0.09219577f,
                                        -0.13812156f,
                                        0.1269254f,
                                        0.14058813f,
                                        0.46789497f,
                                        0.44945517f),
                                f32(dims(1, 2, 2), 0.1269254f, 0.14058813f, 0.46789497f, 0.44945517f)),
                OpCase.of(
                                "Y alone",
                                new GRU(RecurrentAttributes.forward(), false),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 6, 2),
                                linear(0.5, -0.0625, 1, 6, 2))
                        .expect(f32(
                                dims(2, 1, 2, 2),
                                -0.23495832f,
                                -0.3678888f,
                                -0.15985388f,
                                -0.24553168f,
                                0.0026530703f,
                                -0.016381348f,
                                0.36560732f,
                                0.36264557f)),
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
                                        new RecurrentAttributes("forward", 3L, List.of(), List.of(), List.of(), null, false),
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
