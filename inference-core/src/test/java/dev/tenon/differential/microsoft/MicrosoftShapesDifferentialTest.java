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
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Operators on shapes and indices that became operators of the standard later. */
@Tag("tiers")
class MicrosoftShapesDifferentialTest extends Family {
    private static final Set<DType> PLAIN = EnumSet.of(
            DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32, DType.INT8, DType.UINT8, DType.BOOL, DType.STRING);

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "Trilu", MicrosoftShapesDifferentialTest::triangle);
        put(all, "ExpandDims", MicrosoftShapesDifferentialTest::expand);
        put(all, "GatherND", MicrosoftShapesDifferentialTest::gather);
        put(all, "Pad", MicrosoftShapesDifferentialTest::pad);
        put(all, "Range", MicrosoftShapesDifferentialTest::range);
        put(
                all,
                "Unique",
                (draw, name) -> of(name).input(draw.whole(DType.FLOAT32, 0, 5, draw.size()))
                        .outputs(3));
        put(all, "UnfoldTensor", MicrosoftShapesDifferentialTest::unfold);
        return all;
    }

    private static OperatorModel triangle(Draw draw, String name) {
        DType type = draw.pick(DType.FLOAT32, DType.FLOAT64, DType.INT64);
        Tensor k = draw.chance(50) ? null : draw.whole(DType.INT64, -4, 4);
        return Generators.operands(draw, of(name), draw.tensor(type, draw.dims(2, 4)), k)
                .attribute("upper", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel expand(Draw draw, String name) {
        long[] dims = draw.dims(0, 3);
        Tensor axis = draw.whole(DType.INT32, -dims.length - 1, dims.length);
        return of(name).input(draw.tensor(draw.type(PLAIN), dims)).constant(axis);
    }

    private static OperatorModel gather(Draw draw, String name) {
        long[] dims = draw.fullDims(1, 4);
        int width = draw.between(1, dims.length);
        long rows = draw.between(1, 4);
        Tensor indices = Tensor.allocate(draw.pick(DType.INT32, DType.INT64), rows, width);
        for (long i = 0; i < indices.size(); i++) {
            indices.setLong(i, draw.longBetween(0, dims[(int) (i % width)] - 1));
        }
        return Generators.operands(draw, of(name), draw.tensor(draw.type(PLAIN), dims), indices);
    }

    private static OperatorModel pad(Draw draw, String name) {
        long[] dims = draw.fullDims(1, 4);
        String mode = draw.pick(null, "constant", "reflect", "edge");
        Tensor amounts = Tensor.allocate(DType.INT64, 2L * dims.length);
        for (int i = 0; i < 2 * dims.length; i++) {
            long most = "reflect".equals(mode) ? dims[i % dims.length] - 1 : 3;
            amounts.setLong(i, draw.longBetween(0, Math.min(3, most)));
        }
        boolean row = draw.chance(30);
        Tensor value = draw.chance(50) ? null : draw.tame(DType.FLOAT32, 1);
        return Generators.operands(
                        draw,
                        of(name),
                        draw.tame(DType.FLOAT32, dims),
                        row ? amounts.reshape(1, 2L * dims.length) : amounts,
                        value)
                .attribute("mode", mode);
    }

    private static OperatorModel range(Draw draw, String name) {
        DType type = draw.pick(DType.FLOAT32, DType.FLOAT64, DType.INT16, DType.INT32, DType.INT64);
        Tensor delta = draw.chance(30) ? null : draw.whole(type, 1, 4);
        if (delta != null && draw.chance(30)) {
            delta.setDouble(0, -delta.getDouble(0));
        }
        return Generators.operands(draw, of(name), draw.whole(type, -9, 9), draw.whole(type, -30, 30), delta);
    }

    private static OperatorModel unfold(Draw draw, String name) {
        long[] dims = draw.fullDims(1, 3);
        long axis = draw.axis(dims.length);
        long n = dims[(int) Math.floorMod(axis, (long) dims.length)];
        return of(name).input(draw.tensor(draw.type(PLAIN), Arrays.copyOf(dims, dims.length)))
                .attribute("dim", axis == -1 ? draw.pick(null, -1L) : Long.valueOf(axis))
                .attribute("size", draw.longBetween(1, n))
                .attribute("step", draw.pick(null, 1L, 2L, 3L));
    }
}
