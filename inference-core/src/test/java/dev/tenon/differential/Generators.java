package dev.tenon.differential;

import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Forms of models that many operators share. */
public final class Generators {
    /** Separates the name of an operator from the name of one of its generators. */
    public static final String COPY = "#";

    public static final OpSet OPERATORS = StandardOperators.set();

    private Generators() {}

    /** The element types that an operand may have. */
    public static Set<DType> types(String operator, int input) {
        OpSchema schema = OPERATORS.find("", operator).orElseThrow().schema();
        return schema.allowed(schema.inputs().get(input).type());
    }

    /** The types of an operand without complex types, which the peer does not have. */
    public static Set<DType> realTypes(String operator, int input) {
        Set<DType> types = EnumSet.copyOf(types(operator, input));
        types.removeIf(DType::isComplex);
        return types;
    }

    /** One operand of any type and shape. */
    public static OperatorModel unary(Draw draw, String name) {
        return OperatorModel.of(name).input(draw.tensor(draw.type(realTypes(name, 0)), draw.dims(0, 4)));
    }

    /** Two operands of one type that broadcast. */
    public static OperatorModel binary(Draw draw, String name) {
        DType type = draw.type(realTypes(name, 0));
        long[][] shapes = draw.broadcast(2);
        return operands(draw, OperatorModel.of(name), draw.tensor(type, shapes[0]), draw.tensor(type, shapes[1]));
    }

    /** Up to four operands of one type that broadcast. */
    public static OperatorModel variadic(Draw draw, String name) {
        DType type = draw.type(realTypes(name, 0));
        OperatorModel model = OperatorModel.of(name);
        for (long[] shape : draw.broadcast(draw.between(1, 4))) {
            boolean sum = name.equals("Sum") || name.equals("Mean");
            model.input(sum ? draw.summands(type, shape) : draw.tensor(type, shape));
        }
        return model;
    }

    /** Operands that are inputs. Sometimes all but the first are constants. */
    public static OperatorModel operands(Draw draw, OperatorModel model, Tensor first, Tensor... others) {
        model.input(first);
        boolean constant = draw.chance(30);
        int last = others.length;
        while (last > 0 && others[last - 1] == null) {
            last--;
        }
        for (Tensor t : Arrays.copyOf(others, last)) {
            if (t == null) {
                model.none();
            } else if (constant) {
                model.constant(t);
            } else {
                model.input(t);
            }
        }
        return model;
    }

    /** A table to fill. */
    public static Map<String, Generator> table() {
        return new LinkedHashMap<>();
    }
}
