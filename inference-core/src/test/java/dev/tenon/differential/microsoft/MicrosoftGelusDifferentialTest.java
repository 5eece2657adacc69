package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Gelu and similar functions, with and without a bias. */
@Tag("tiers")
class MicrosoftGelusDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "Gelu", (draw, name) -> of(name).input(operand(draw, Microsoft.real(draw), draw.dims(0, 4))));
        put(
                all,
                "QuickGelu",
                (draw, name) -> of(name).input(operand(draw, Microsoft.real(draw), draw.dims(0, 4)))
                        .attribute("alpha", draw.pick(null, 1.5f, 1f, -1f, 0f)));
        put(all, "FastGelu", MicrosoftGelusDifferentialTest::biased);
        put(all, "BiasGelu", MicrosoftGelusDifferentialTest::biased);
        put(all, "GemmFastGelu", MicrosoftGelusDifferentialTest::product);
        return all;
    }

    /** Moderate numbers, or all kinds of them. */
    private static Tensor operand(Draw draw, DType type, long... dims) {
        return draw.chance(60) ? draw.tame(type, dims) : draw.wild(type, dims);
    }

    private static OperatorModel biased(Draw draw, String name) {
        DType type = Microsoft.real(draw);
        long[] dims = draw.dims(1, 4);
        boolean without = name.equals("FastGelu") && draw.chance(40);
        Tensor bias = without ? null : draw.tame(type, dims[dims.length - 1]);
        return Generators.operands(draw, of(name), operand(draw, type, dims), bias);
    }

    private static OperatorModel product(Draw draw, String name) {
        DType type = Microsoft.real(draw);
        long[] a = draw.fullDims(1, 3);
        long n = draw.positive();
        return Generators.operands(
                draw,
                of(name),
                draw.real(type, -1, 1, a),
                draw.real(type, -1, 1, a[a.length - 1], n),
                draw.chance(50) ? null : draw.tame(type, n));
    }
}
