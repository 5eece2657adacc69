package dev.tenon.differential;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Recurrent operators. */
@Tag("tiers")
class RecurrentDifferentialTest extends Family {
    private static final String[] FUNCTIONS = {
        "Relu",
        "Tanh",
        "Sigmoid",
        "Affine",
        "LeakyRelu",
        "ThresholdedRelu",
        "ScaledTanh",
        "HardSigmoid",
        "Elu",
        "Softsign",
        "Softplus"
    };

    private static final String[] BOUNDED = {"Sigmoid", "HardSigmoid", "Tanh", "Softsign"};

    private record Sizes(DType type, long steps, long batch, long input, long hidden, long directions, boolean turned) {
        long[] x() {
            return turned ? new long[] {batch, steps, input} : new long[] {steps, batch, input};
        }

        long[] state() {
            return turned ? new long[] {batch, directions, hidden} : new long[] {directions, batch, hidden};
        }
    }

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("RNN", draw -> plain(draw, "RNN", 1, 1, 1));
        all.put("GRU", draw -> plain(draw, "GRU", 3, 2, 1).attribute("linear_before_reset", draw.pick(null, 0L, 1L)));
        all.put(
                "LSTM",
                draw -> plain(draw, "LSTM", 4, 3, 2)
                        .attribute("input_forget", draw.chance(10) ? Long.valueOf(1) : draw.pick(null, 0L)));
        all.put(
                "com.microsoft.DynamicQuantizeLSTM",
                draw -> StableModels.first(
                        () -> quantised(draw),
                        0,
                        Generators.OPERATORS
                                .find("com.microsoft", "DynamicQuantizeLSTM")
                                .orElseThrow()
                                .create(Attributes.none().with("hidden_size", 1L))
                                .numerics()));
        return all;
    }

    private static Sizes sizes(Draw draw, DType type, boolean turned) {
        return new Sizes(
                type,
                draw.between(1, 6),
                draw.chance(40) ? 1 : draw.between(2, 5),
                draw.between(1, 12),
                draw.chance(20) ? draw.between(17, 40) : draw.between(1, 10),
                draw.chance(30) ? 2 : 1,
                turned);
    }

    private static Tensor small(Draw draw, DType type, long... dims) {
        return draw.real(type, -0.6, 0.6, dims);
    }

    private static OperatorModel plain(Draw draw, String name, int gates, int functions, int states) {
        Sizes s = sizes(draw, draw.type(Generators.types(name, 0)), draw.chance(15));
        long rows = gates * s.hidden;
        List<Tensor> more = new ArrayList<>();
        more.add(small(draw, s.type, s.directions, rows, s.input));
        more.add(draw.real(s.type, -1.0 / s.hidden, 1.0 / s.hidden, s.directions, rows, s.hidden));
        more.add(draw.chance(40) ? null : small(draw, s.type, s.directions, 2 * rows));
        more.add(draw.chance(60) ? null : draw.whole(DType.INT32, 1, s.steps, s.batch));
        for (int i = 0; i < states; i++) {
            more.add(draw.chance(50) ? null : small(draw, s.type, s.state()));
        }
        if (states > 1) {
            more.add(draw.chance(60) ? null : small(draw, s.type, s.directions, 3 * s.hidden));
        }
        OperatorModel model = Generators.operands(
                        draw, OperatorModel.of(name).version(22), draw.tame(s.type, s.x()), more.toArray(Tensor[]::new))
                .outputs(draw.between(1, 1 + states));
        activations(draw, model, functions, (int) s.directions);
        return common(draw, model, s).attribute("layout", s.turned ? Long.valueOf(1) : draw.pick(null, 0L));
    }

    private static OperatorModel common(Draw draw, OperatorModel model, Sizes s) {
        return model.attribute("hidden_size", s.hidden)
                .attribute("direction", s.directions == 2 ? "bidirectional" : draw.pick(null, "forward", "reverse"))
                .attribute("clip", draw.chance(20) ? Float.valueOf(0.7f) : null);
    }

    /** The gates are bounded, so that the states are. */
    private static void activations(Draw draw, OperatorModel model, int functions, int directions) {
        if (draw.chance(60)) {
            return;
        }
        String[] names = new String[functions * directions];
        List<Float> alpha = new ArrayList<>();
        List<Float> beta = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            names[i] = functions > 1 && i % functions == 0 ? draw.pick(BOUNDED) : draw.pick(FUNCTIONS);
            switch (names[i]) {
                case "Affine", "ScaledTanh", "HardSigmoid" -> {
                    alpha.add(draw.pick(0.5f, 0.25f));
                    beta.add(draw.pick(0.5f, 0.25f));
                }
                case "LeakyRelu", "ThresholdedRelu", "Elu" -> alpha.add(draw.pick(0.5f, 0.25f));
                default -> {}
            }
        }
        model.attribute("activations", names)
                .attribute("activation_alpha", alpha.isEmpty() ? null : floats(alpha))
                .attribute("activation_beta", beta.isEmpty() ? null : floats(beta));
    }

    private static float[] floats(List<Float> list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }

    /** Constant weights, which the peer needs. */
    private static OperatorModel quantised(Draw draw) {
        Sizes s = new Sizes(
                DType.FLOAT32,
                draw.between(1, 3),
                draw.between(1, 4),
                draw.between(1, 12),
                draw.between(1, 5),
                draw.chance(30) ? 2 : 1,
                false);
        DType type = draw.pick(DType.UINT8, DType.INT8);
        long gates = 4 * s.hidden;
        boolean ofColumns = draw.chance(30);
        long[] scales = ofColumns ? new long[] {s.directions, gates} : new long[] {s.directions};
        OperatorModel model = OperatorModel.of("com.microsoft", "DynamicQuantizeLSTM")
                .input(draw.tame(DType.FLOAT32, s.x()))
                .constant(draw.whole(type, -40, 40, s.directions, s.input, gates))
                .constant(draw.whole(type, -40, 40, s.directions, s.hidden, gates));
        Tensor[] optional = {
            small(draw, DType.FLOAT32, s.directions, 2 * gates),
            draw.whole(DType.INT32, 1, s.steps, s.batch),
            small(draw, DType.FLOAT32, s.state()),
            small(draw, DType.FLOAT32, s.state()),
            small(draw, DType.FLOAT32, s.directions, 3 * s.hidden)
        };
        for (Tensor t : optional) {
            if (draw.chance(50)) {
                model.none();
            } else {
                model.constant(t);
            }
        }
        for (int i = 0; i < 2; i++) {
            model.constant(draw.real(DType.FLOAT32, 0.005, 0.02, scales));
            model.constant(ofColumns ? Tensor.allocate(type, scales) : draw.whole(type, 0, 5, scales));
        }
        activations(draw, model, 3, (int) s.directions);
        return common(draw, model.outputs(draw.between(1, 3)), s)
                .attribute("input_forget", draw.pick(null, null, 0L, 1L));
    }
}
