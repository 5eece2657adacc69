package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Conversions of element types. */
@Tag("tiers")
class CastDifferentialTest extends Family {
    /** Several models for each operator, because there are many pairs of types. */
    private static final int COPIES = 12;

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (int i = 0; i < COPIES; i++) {
            all.put("Cast" + Generators.COPY + i, CastDifferentialTest::cast);
        }
        all.put("CastLike", CastDifferentialTest::castLike);
        return all;
    }

    /** Numbers that the other type has, where the conversion of other numbers is undefined. */
    private static Tensor from(Draw draw, DType type, DType to, long[] dims) {
        if (type == DType.STRING) {
            return draw.whole(type, 0, to.bits() < 8 ? 1 : 120, dims);
        }
        if (type.isFloating() && to.isInteger()) {
            return draw.real(type, Math.max(-1000, to.minInteger()), to.bits() >= 16 ? 1000 : to.maxInteger(), dims);
        }
        return draw.tensor(type, dims);
    }

    private static boolean isFloat8(DType type) {
        return List.of(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ)
                .contains(type);
    }

    private static OperatorModel cast(Draw draw) {
        Set<DType> types = Generators.types("Cast", 0);
        DType type = draw.type(types);
        DType to = draw.type(types);
        return OperatorModel.of("Cast")
                .version(25)
                .input(from(draw, type, to, draw.dims(0, 3)))
                .attribute("to", (long) Tensors.number(to))
                .attribute("saturate", isFloat8(to) ? draw.pick(null, 0L, 1L) : null);
    }

    private static OperatorModel castLike(Draw draw) {
        Set<DType> types = Generators.types("CastLike", 0);
        DType type = draw.type(types);
        DType to = draw.type(types);
        return OperatorModel.of("CastLike")
                .version(25)
                .input(from(draw, type, to, draw.dims(0, 3)))
                .input(draw.tame(to, 1))
                .attribute("saturate", isFloat8(to) ? draw.pick(null, 0L, 1L) : null);
    }
}
