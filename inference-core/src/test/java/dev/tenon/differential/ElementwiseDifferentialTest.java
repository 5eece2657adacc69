package dev.tenon.differential;

import dev.tenon.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Functions of one element or of elements at one place. */
@Tag("tiers")
class ElementwiseDifferentialTest extends Family {
    @Override
    Map<String, Generator> generators() {
        Map<String, Generator> all = new LinkedHashMap<>();
        for (String name : new String[] {"Add", "Sub", "Mul"}) {
            all.put(name, draw -> binary(draw, name, Draw.NUMBERS));
        }
        for (String name : new String[] {"Exp", "Tanh"}) {
            all.put(name, draw -> unary(draw, name, Draw.FLOATS));
        }
        return all;
    }

    private static Sketch unary(Draw draw, String name, Set<DType> types) {
        return Sketch.of(name).input(draw.tensor(draw.type(types), draw.dims(0, 4)));
    }

    private static Sketch binary(Draw draw, String name, Set<DType> types) {
        DType type = draw.type(types);
        long[][] shapes = draw.broadcast(2);
        return Sketch.of(name).input(draw.tensor(type, shapes[0])).input(draw.tensor(type, shapes[1]));
    }
}
