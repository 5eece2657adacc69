package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Element-wise functions of several operands. */
@Tag("tiers")
class BinaryDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : new String[] {
            "Add",
            "Sub",
            "Mul",
            "And",
            "Or",
            "Xor",
            "BitwiseAnd",
            "BitwiseOr",
            "BitwiseXor",
            "Equal",
            "Greater",
            "Less",
            "GreaterOrEqual",
            "LessOrEqual"
        }) {
            all.put(name, draw -> Generators.binary(draw, name));
        }
        for (String name : new String[] {"Min", "Max", "Sum", "Mean"}) {
            all.put(name, draw -> Generators.variadic(draw, name));
        }
        all.put("Div", draw -> quotient(draw, "Div"));
        all.put("Mod", draw -> {
            OperatorModel s = quotient(draw, "Mod");
            return s.attribute("fmod", s.operand(0).dtype().isFloating() ? Long.valueOf(1) : draw.pick(null, 0L, 1L));
        });
        all.put("Pow", BinaryDifferentialTest::pow);
        all.put("BitShift", BinaryDifferentialTest::bitShift);
        all.put("PRelu", BinaryDifferentialTest::prelu);
        all.put("Clip", BinaryDifferentialTest::clip);
        all.put("Where", BinaryDifferentialTest::where);
        return all;
    }

    private static OperatorModel pow(Draw draw) {
        Set<DType> bases = Generators.types("Pow", 0);
        Set<DType> exponents = Generators.types("Pow", 1);
        DType base = draw.type(bases);
        DType exponent = draw.chance(60) && exponents.contains(base) ? base : draw.type(exponents);
        long[][] shapes = draw.broadcast(2);
        boolean small = !base.isFloating();
        Tensor x = small ? draw.whole(base, -5, 5, shapes[0]) : draw.tensor(base, shapes[0]);
        Tensor y = small ? draw.whole(exponent, 0, 6, shapes[1]) : draw.tensor(exponent, shapes[1]);
        if (draw.chance(30)) {
            y = Tensors.convert(
                    Tensor.scalar(small ? draw.pick(2.0, 3.0, 0.0, 1.0) : draw.pick(0.5, 2.0, 3.0, -1.0, 0.0, 1.0)),
                    exponent);
        }
        return Generators.operands(draw, OperatorModel.of("Pow"), x, y);
    }

    /** The division of an integer by 0 is undefined. */
    private static OperatorModel quotient(Draw draw, String name) {
        DType type = draw.type(Generators.types(name, 0));
        long[][] shapes = draw.broadcast(2);
        Tensor y = draw.tensor(type, shapes[1]);
        for (long i = 0; i < y.size() && type.isInteger(); i++) {
            if (y.getLong(i) == 0) {
                y.setLong(i, 3);
            }
        }
        return Generators.operands(draw, OperatorModel.of(name), draw.tensor(type, shapes[0]), y);
    }

    private static OperatorModel bitShift(Draw draw) {
        DType type = draw.type(Generators.types("BitShift", 0));
        long[][] shapes = draw.broadcast(2);
        return Generators.operands(
                        draw,
                        OperatorModel.of("BitShift"),
                        draw.tensor(type, shapes[0]),
                        draw.whole(type, 0, type.bits() - 1, shapes[1]))
                .attribute("direction", draw.pick("LEFT", "RIGHT"));
    }

    /** The slope broadcasts to the elements, never the other way. */
    private static OperatorModel prelu(Draw draw) {
        DType type = draw.type(Generators.types("PRelu", 0));
        long[] dims = draw.dims(0, 4);
        long[] slope = draw.partOf(dims);
        return Generators.operands(draw, OperatorModel.of("PRelu"), draw.tensor(type, dims), draw.tensor(type, slope));
    }

    private static OperatorModel clip(Draw draw) {
        DType type = draw.type(Generators.types("Clip", 0));
        Tensor least = draw.chance(30) ? null : draw.tame(type);
        Tensor most = draw.chance(30) ? null : draw.tame(type);
        return Generators.operands(draw, OperatorModel.of("Clip"), draw.tensor(type, draw.dims(0, 4)), least, most);
    }

    private static OperatorModel where(Draw draw) {
        DType type = draw.type(Generators.types("Where", 1));
        long[][] shapes = draw.broadcast(3);
        return Generators.operands(
                draw,
                OperatorModel.of("Where"),
                draw.tensor(DType.BOOL, shapes[0]),
                draw.tensor(type, shapes[1]),
                draw.tensor(type, shapes[2]));
    }
}
