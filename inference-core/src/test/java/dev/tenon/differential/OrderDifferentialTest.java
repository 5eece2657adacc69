package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** The largest elements, and unique elements. */
@Tag("tiers")
class OrderDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("TopK", OrderDifferentialTest::sorted);
        all.put("TopK" + Generators.COPY + "unsorted", OrderDifferentialTest::unsorted);
        all.put("Unique", OrderDifferentialTest::unique);
        return all;
    }

    /** Elements with an order: many that are equal, extremes and infinities, but no NaN. */
    private static Tensor elements(Draw draw, DType type, long... dims) {
        if (type == DType.BOOL || type == DType.STRING) {
            return draw.tame(type, dims);
        }
        Tensor x = draw.chance(50)
                ? draw.whole(type, 0, 5, dims)
                : draw.chance(50) ? draw.tame(type, dims) : draw.wild(type, dims);
        for (long i = 0; i < x.size() && type.isFloating(); i++) {
            if (Double.isNaN(x.getDouble(i))) {
                x.setDouble(i, Double.NEGATIVE_INFINITY);
            }
        }
        return x;
    }

    private static OperatorModel top(Draw draw, long[] dims, Tensor x) {
        boolean standard = draw.chance(20);
        long axis = standard ? -1 : draw.axis(dims.length);
        long n = dims[(int) Math.floorMod(axis, (long) dims.length)];
        return Generators.operands(draw, OperatorModel.of("TopK"), x, Tensor.of(new long[] {draw.longBetween(0, n)}))
                .outputs(2)
                .attribute("axis", standard ? null : Long.valueOf(axis))
                .attribute("largest", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel sorted(Draw draw) {
        long[] dims = draw.dims(1, 4);
        DType type = draw.type(Generators.types("TopK", 0));
        return top(draw, dims, elements(draw, type, dims)).attribute("sorted", draw.pick(null, 1L));
    }

    /** Unsorted results of different elements. The comparison sorts them. */
    private static OperatorModel unsorted(Draw draw) {
        DType type = draw.pick(DType.FLOAT32, DType.INT64, DType.FLOAT64);
        long n = draw.between(1, 60);
        Tensor x = Tensor.allocate(type, n);
        int[] order = draw.permutation((int) n);
        for (int i = 0; i < n; i++) {
            x.setLong(i, 3L * order[i] - n);
        }
        long k = draw.longBetween(0, n);
        OperatorModel model = OperatorModel.of("TopK").input(x).constant(Tensor.of(new long[] {k}));
        String count = model.give(Tensor.of(new long[] {k}), true);
        return model.after("TopK", List.of("y0", count), List.of("values", "order"), Map.of())
                .after("TopK", List.of("y1", count), List.of("places", "rest"), Map.of())
                .results(List.of("y0", "y1"), List.of("values", "places"))
                .attribute("largest", draw.pick(null, 0L, 1L))
                .attribute("sorted", 0L);
    }

    private static OperatorModel unique(Draw draw) {
        DType type = draw.type(Generators.types("Unique", 0));
        long[] dims = draw.fullDims(1, 3);
        Tensor x = type.isComplex() ? draw.whole(type, 0, 1, dims) : elements(draw, type, dims);
        OperatorModel model = OperatorModel.of("Unique")
                .input(x)
                .attribute("axis", draw.chance(60) ? draw.axis(dims.length) : null)
                // Complex numbers have no defined order.
                .attribute("sorted", type.isComplex() ? Long.valueOf(0) : draw.pick(null, 0L, 1L));
        return switch (draw.between(0, 3)) {
            case 0 -> model.outputs(draw.between(1, 4));
            case 1 -> model.results(Arrays.asList("y0", "", "y2"), List.of("y0", "y2"));
            case 2 -> model.results(Arrays.asList("y0", "", "", "y3"), List.of("y0", "y3"));
            default -> model.outputs(4);
        };
    }
}
