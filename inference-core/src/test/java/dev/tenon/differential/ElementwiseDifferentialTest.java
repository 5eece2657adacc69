package dev.tenon.differential;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Functions of one element. */
@Tag("tiers")
class ElementwiseDifferentialTest extends Family {
    /** Operators without attributes. */
    private static final List<String> PLAIN = List.of(
            "Abs",
            "Neg",
            "Exp",
            "Log",
            "Sqrt",
            "Reciprocal",
            "Erf",
            "Tanh",
            "Sigmoid",
            "Relu",
            "HardSwish",
            "Softplus",
            "Softsign",
            "Mish",
            "Sin",
            "Cos",
            "Tan",
            "Asin",
            "Acos",
            "Atan",
            "Sinh",
            "Cosh",
            "Asinh",
            "Acosh",
            "Atanh",
            "Floor",
            "Ceil",
            "Round",
            "Sign",
            "Not",
            "BitwiseNot",
            "IsNaN");

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : PLAIN) {
            all.put(name, draw -> Generators.unary(draw, name));
        }
        for (String name : new String[] {"LeakyRelu", "Elu", "Celu", "ThresholdedRelu"}) {
            all.put(name, draw -> Generators.unary(draw, name).attribute("alpha", slope(draw)));
        }
        all.put(
                "Selu",
                draw -> Generators.unary(draw, "Selu")
                        .attribute("alpha", slope(draw))
                        .attribute("gamma", slope(draw)));
        all.put(
                "HardSigmoid",
                draw -> Generators.unary(draw, "HardSigmoid")
                        .attribute("alpha", slope(draw))
                        .attribute("beta", slope(draw)));
        all.put(
                "Shrink",
                draw -> Generators.unary(draw, "Shrink")
                        .attribute("lambd", slope(draw))
                        .attribute("bias", slope(draw)));
        all.put(
                "Gelu",
                draw -> Generators.unary(draw, "Gelu").attribute("approximate", draw.pick(null, "none", "tanh")));
        all.put("Swish", draw -> Generators.unary(draw, "Swish").version(24).attribute("alpha", slope(draw)));
        all.put(
                "IsInf",
                draw -> Generators.unary(draw, "IsInf")
                        .attribute("detect_negative", draw.pick(null, 0L, 1L))
                        .attribute("detect_positive", draw.pick(null, 0L, 1L)));
        return all;
    }

    /** An attribute of a function, or none for its default. */
    private static Float slope(Draw draw) {
        return draw.pick(null, 0.25f, 1f, 1.75f, (float) Math.abs(draw.gaussian()));
    }
}
