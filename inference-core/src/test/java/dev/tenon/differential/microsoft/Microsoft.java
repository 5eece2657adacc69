package dev.tenon.differential.microsoft;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Generator;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;

/** Forms of models that the families of the domain share. */
final class Microsoft {
    static final DType[] BYTES = {DType.UINT8, DType.INT8};

    private static final String DOMAIN = "com.microsoft";

    private Microsoft() {}

    /** Makes models of the operator of that name. */
    @FunctionalInterface
    interface Named {
        OperatorModel model(Draw draw, String name);
    }

    static void put(Map<String, Generator> all, String name, Named generator) {
        all.put(entry(name), draw -> generator.model(draw, name));
    }

    static String entry(String name) {
        return DOMAIN + "." + name;
    }

    static OperatorModel of(String name) {
        return OperatorModel.of(DOMAIN, name);
    }

    /** One of the floating types of this domain, float32 in most cases. */
    static DType real(Draw draw) {
        return draw.chance(70) ? DType.FLOAT32 : draw.pick(DType.FLOAT16, DType.BFLOAT16);
    }

    static Tensor scale(Draw draw, long... dims) {
        return draw.real(DType.FLOAT32, 0.01, 0.9, dims);
    }

    static Tensor zero(Draw draw, DType type, long... dims) {
        return draw.chance(20) ? draw.wild(type, dims) : draw.whole(type, -5, 7, dims);
    }

    /** Null with a probability in per cent. */
    static Tensor unless(Draw draw, int percent, Tensor t) {
        return draw.chance(percent) ? null : t;
    }
}
