package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Reductions, cumulative ones too. */
@Tag("tiers")
class ReduceDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : new String[] {"ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceL1", "ReduceL2"}) {
            all.put(name, draw -> {
                DType type = draw.type(Generators.types(name, 0));
                long[] dims = draw.dims(0, 4);
                boolean wraps = type.isInteger() && name.equals("ReduceSum");
                return reduction(draw, name, wraps ? draw.tensor(type, dims) : draw.summands(type, dims));
            });
        }
        for (String name : new String[] {"ReduceMax", "ReduceMin"}) {
            all.put(name, draw -> {
                DType type = draw.type(Generators.types(name, 0));
                return reduction(draw, name, draw.tensor(type, draw.dims(0, 4)));
            });
        }
        all.put("ReduceProd", draw -> {
            DType type = draw.type(Generators.types("ReduceProd", 0));
            long[] dims = draw.dims(0, 4);
            return reduction(
                    draw, "ReduceProd", type.isInteger() ? draw.tensor(type, dims) : draw.real(type, 0.8, 1.25, dims));
        });
        all.put("ReduceLogSum", draw -> logarithm(draw, "ReduceLogSum"));
        all.put("ReduceLogSumExp", draw -> logarithm(draw, "ReduceLogSumExp"));
        all.put("ArgMax", draw -> arg(draw, "ArgMax"));
        all.put("ArgMin", draw -> arg(draw, "ArgMin"));
        all.put("CumSum", draw -> cumulative(draw, "CumSum"));
        all.put("CumProd", draw -> cumulative(draw, "CumProd").version(26));
        return all;
    }

    private static OperatorModel reduction(Draw draw, String name, Tensor x) {
        Tensor axes = null;
        if (draw.chance(80)) {
            int[] some = draw.some(x.rank());
            axes = Tensor.allocate(DType.INT64, some.length);
            for (int i = 0; i < some.length; i++) {
                axes.setLong(i, draw.chance(30) ? some[i] - x.rank() : some[i]);
            }
        }
        OperatorModel model = Generators.operands(draw, OperatorModel.of(name), x, axes);
        return model.attribute("keepdims", draw.pick(null, 0L, 1L))
                .attribute("noop_with_empty_axes", draw.pick(null, null, 0L, 1L));
    }

    /** Integers have no logarithm of 0. */
    private static OperatorModel logarithm(Draw draw, String name) {
        DType type = draw.type(Generators.types(name, 0));
        Tensor x = type.isInteger()
                ? draw.whole(type, 1, 9, draw.fullDims(0, 4))
                : name.equals("ReduceLogSum")
                        ? draw.real(type, 0, 9, draw.dims(0, 4))
                        : draw.summands(type, draw.dims(0, 4));
        return reduction(draw, name, x);
    }

    private static OperatorModel arg(Draw draw, String name) {
        DType type = draw.type(Generators.types(name, 0));
        long[] dims = draw.fullDims(1, 4);
        Tensor x = draw.chance(50) ? draw.whole(type, 0, 3, dims) : draw.tame(type, dims);
        return OperatorModel.of(name)
                .input(x)
                .attribute("axis", draw.chance(80) ? draw.axis(dims.length) : null)
                .attribute("keepdims", draw.pick(null, 0L, 1L))
                .attribute("select_last_index", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel cumulative(Draw draw, String name) {
        DType type = draw.type(Generators.types(name, 0));
        long[] dims = draw.dims(1, 4);
        Tensor axis = Tensors.convert(Tensor.scalar(draw.axis(dims.length)), draw.pick(DType.INT32, DType.INT64));
        Tensor x = name.equals("CumSum") ? draw.summands(type, dims) : draw.real(type, 0.8, 1.25, dims);
        return Generators.operands(draw, OperatorModel.of(name), x, axis)
                .attribute("exclusive", draw.pick(null, 0L, 1L))
                .attribute("reverse", draw.pick(null, 0L, 1L));
    }
}
