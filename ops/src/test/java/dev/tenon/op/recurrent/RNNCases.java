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

/** Cases of {@link RNN}. */
public final class RNNCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "forward",
                                new RNN(RecurrentAttributes.forward()),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.6534236 0.33082113
                                        0.33082113 0.15499073
                                        0.36070493 0.30694166
                                        -0.28950968 -0.046224512"""),
                                f32(dims(1, 2, 2), 0.36070493f, 0.30694166f, -0.28950968f, -0.046224512f)),
                OpCase.of(
                                "bias",
                                new RNN(new RecurrentAttributes(
                                        "forward", 2L, List.of(), List.of(), List.of(), null, false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2),
                                linear(-0.25, 0.0625, 1, 4))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.38528398 0.0934763
                                        -0.031239832 -0.0934763
                                        -0.23096834 -0.10714432
                                        -0.745508 -0.46969295"""),
                                f32(dims(1, 2, 2), -0.23096834f, -0.10714432f, -0.745508f, -0.46969295f)),
                OpCase.of(
                                "reverse",
                                new RNN(new RecurrentAttributes(
                                        "reverse", null, List.of(), List.of(), List.of(), null, false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2),
                                linear(-0.25, 0.0625, 1, 4))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.06765018 -0.15459059
                                        -0.52425086 -0.46221098
                                        -0.43718877 -0.2740616
                                        -0.7193275 -0.43718877"""),
                                f32(dims(1, 2, 2), 0.06765018f, -0.15459059f, -0.52425086f, -0.46221098f)),
                OpCase.of(
                                "both directions, lengths, initial state",
                                new RNN(new RecurrentAttributes(
                                        "bidirectional", null, List.of(), List.of(), List.of(), null, false)),
                                linear(-1, 0.125, 3, 2, 2),
                                linear(-0.5, 0.125, 2, 2, 2),
                                linear(0.5, -0.0625, 2, 2, 2),
                                linear(-0.25, 0.0625, 2, 4),
                                ints(DType.INT32, dims(2), 1, 3),
                                linear(0.5, -0.25, 2, 2, 2))
                        .expect(f32(dims(3, 2, 2, 2), """
                                        0.6709671 0.3583574   0.124353 -0.062418748
                                        -0.24491866 -0.41157004   0.0885457 -0.1533768
                                        0 0   -0.16668668 -0.14374596   0 0
                                        0.079452 0.117547765   0 0   -0.656625 -0.43561268
                                        0 0   -0.30270973 0.24491866"""), f32(dims(2, 2, 2), """
                                        0.6709671 0.3583574
                                        -0.656625 -0.43561268
                                        -0.24491866 -0.41157004
                                        0.0885457 -0.1533768""")),
                OpCase.of(
                                "batch first",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of(), List.of(), List.of(), null, true)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2),
                                null,
                                null,
                                linear(0.5, -0.25, 2, 1, 2))
                        .expect(
                                f32(dims(2, 2, 1, 2), """
                                        0.8146244 0.543687
                                        0.7569037 0.55917794
                                        -0.20037672 -0.10894093
                                        -0.590934 -0.31666434"""),
                                f32(dims(2, 1, 2), 0.7569037f, 0.55917794f, -0.590934f, -0.31666434f)),
                OpCase.of(
                                "activations with parameters, clip",
                                new RNN(new RecurrentAttributes(
                                        "forward",
                                        null,
                                        List.of("HardSigmoid"),
                                        List.of(0.25f),
                                        List.of(0.5f),
                                        0.5f,
                                        false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2),
                                linear(-0.25, 0.0625, 1, 4))
                        .expect(
                                f32(dims(2, 1, 2, 2), """
                                        0.6015625 0.5234375
                                        0.4921875 0.4765625
                                        0.5152588 0.52697754
                                        0.38708496 0.46618652"""),
                                f32(dims(1, 2, 2), 0.5152588f, 0.52697754f, 0.38708496f, 0.46618652f)),
                OpCase.of(
                                "Relu",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Relu"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(f32(dims(1, 1, 5, 1), 0, 0, 0, 0.5f, 1), f32(dims(1, 5, 1), 0, 0, 0, 0.5f, 1)),
                OpCase.of(
                                "Sigmoid",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Sigmoid"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), 0.26894143f, 0.37754068f, 0.5f, 0.62245935f, 0.7310586f),
                                f32(dims(1, 5, 1), 0.26894143f, 0.37754068f, 0.5f, 0.62245935f, 0.7310586f)),
                OpCase.of(
                                "Affine",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Affine"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), -1, -0.5f, 0, 0.5f, 1),
                                f32(dims(1, 5, 1), -1, -0.5f, 0, 0.5f, 1)),
                OpCase.of(
                                "LeakyRelu",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("LeakyRelu"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), -0.01f, -0.005f, 0, 0.5f, 1),
                                f32(dims(1, 5, 1), -0.01f, -0.005f, 0, 0.5f, 1)),
                OpCase.of(
                                "ThresholdedRelu",
                                new RNN(new RecurrentAttributes(
                                        "forward",
                                        null,
                                        List.of("ThresholdedRelu"),
                                        List.of(),
                                        List.of(),
                                        null,
                                        false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(f32(dims(1, 1, 5, 1), 0, 0, 0, 0, 1), f32(dims(1, 5, 1), 0, 0, 0, 0, 1)),
                OpCase.of(
                                "ScaledTanh",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("ScaledTanh"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), -0.7615942f, -0.46211717f, 0, 0.46211717f, 0.7615942f),
                                f32(dims(1, 5, 1), -0.7615942f, -0.46211717f, 0, 0.46211717f, 0.7615942f)),
                OpCase.of(
                                "HardSigmoid",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("HardSigmoid"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), 0.3f, 0.4f, 0.5f, 0.6f, 0.7f),
                                f32(dims(1, 5, 1), 0.3f, 0.4f, 0.5f, 0.6f, 0.7f)),
                OpCase.of(
                                "Elu",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Elu"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), -0.63212055f, -0.39346933f, 0, 0.5f, 1),
                                f32(dims(1, 5, 1), -0.63212055f, -0.39346933f, 0, 0.5f, 1)),
                OpCase.of(
                                "Softsign",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Softsign"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), -0.5f, -0.33333334f, 0, 0.33333334f, 0.5f),
                                f32(dims(1, 5, 1), -0.5f, -0.33333334f, 0, 0.33333334f, 0.5f)),
                OpCase.of(
                                "Softplus",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Softplus"), List.of(), List.of(), null, false)),
                                linear(-1, 0.5, 1, 5, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 0))
                        .expect(
                                f32(dims(1, 1, 5, 1), 0.3132617f, 0.474077f, 0.6931472f, 0.974077f, 1.3132616f),
                                f32(dims(1, 5, 1), 0.3132617f, 0.474077f, 0.6931472f, 0.974077f, 1.3132616f)),
                OpCase.of(
                                "unknown activation",
                                new RNN(new RecurrentAttributes(
                                        "forward", null, List.of("Sinus"), List.of(), List.of(), null, false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .fails("activation 'Sinus'"),
                OpCase.of(
                                "Y alone",
                                new RNN(RecurrentAttributes.forward()),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .expect(f32(dims(2, 1, 2, 2), """
                                0.6534236 0.33082113
                                0.33082113 0.15499073
                                0.36070493 0.30694166
                                -0.28950968 -0.046224512""")),
                OpCase.of(
                        "random, larger",
                        new RNN(RecurrentAttributes.forward()),
                        random(DType.FLOAT32, 1, 3, 2, 12),
                        random(DType.FLOAT32, 2, 1, 20, 12),
                        random(DType.FLOAT32, 3, 1, 20, 20),
                        random(DType.FLOAT32, 4, 1, 40)),
                OpCase.of(
                        "float16",
                        new RNN(RecurrentAttributes.forward()),
                        random(DType.FLOAT16, 1, 2, 2, 3),
                        random(DType.FLOAT16, 2, 1, 2, 3),
                        random(DType.FLOAT16, 3, 1, 2, 2)),
                OpCase.of(
                        "double, empty batch",
                        new RNN(RecurrentAttributes.forward()),
                        random(DType.FLOAT64, 1, 2, 0, 3),
                        random(DType.FLOAT64, 2, 1, 2, 3),
                        random(DType.FLOAT64, 3, 1, 2, 2)),
                OpCase.of(
                        "bfloat16, no step",
                        new RNN(RecurrentAttributes.forward()),
                        random(DType.BFLOAT16, 1, 0, 2, 3),
                        random(DType.BFLOAT16, 2, 1, 2, 3),
                        random(DType.BFLOAT16, 3, 1, 2, 2)),
                OpCase.of(
                                "size of the input differs",
                                new RNN(RecurrentAttributes.forward()),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 3),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "size of the state differs",
                                new RNN(new RecurrentAttributes(
                                        "forward", 3L, List.of(), List.of(), List.of(), null, false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .fails("'W' has shape"),
                OpCase.of(
                                "too long a sequence",
                                new RNN(RecurrentAttributes.forward()),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2),
                                null,
                                ints(DType.INT32, dims(2), 1, 3))
                        .fails("sequence_lens[1] is 3"),
                OpCase.of(
                                "one direction of weights",
                                new RNN(new RecurrentAttributes(
                                        "bidirectional", null, List.of(), List.of(), List.of(), null, false)),
                                linear(-1, 0.25, 2, 2, 2),
                                linear(-0.5, 0.125, 1, 2, 2),
                                linear(0.5, -0.0625, 1, 2, 2))
                        .fails("'W' has shape"));
    }
}
