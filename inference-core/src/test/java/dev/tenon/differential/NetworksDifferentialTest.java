package dev.tenon.differential;

import dev.tenon.tensor.DType;
import java.util.Map;
import net.jqwik.api.Tag;

/** Layers of networks: normalisations and distributions. */
@Tag("tiers")
class NetworksDifferentialTest extends Family {
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : new String[] {"Softmax", "LogSoftmax", "Hardmax"}) {
            all.put(name, draw -> {
                long[] dims = draw.fullDims(1, 4);
                return OperatorModel.of(name)
                        .input(draw.tame(name.equals("Hardmax") ? DType.FLOAT32 : draw.type(TYPES), dims))
                        .attribute("axis", draw.chance(80) ? draw.axis(dims.length) : null);
            });
        }
        all.put("BatchNormalization", draw -> {
            long[] dims = draw.fullDims(2, 4);
            return Generators.operands(
                            draw,
                            OperatorModel.of("BatchNormalization"),
                            draw.tame(DType.FLOAT32, dims),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.real(DType.FLOAT32, 0.1, 3, dims[1]))
                    .attribute("epsilon", draw.pick(null, 1e-3f));
        });
        all.put("StringConcat", draw -> {
            long[][] shapes = draw.broadcast(2);
            return Generators.operands(
                    draw,
                    OperatorModel.of("StringConcat"),
                    draw.tame(DType.STRING, shapes[0]),
                    draw.tame(DType.STRING, shapes[1]));
        });
        return all;
    }
}
