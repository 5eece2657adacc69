package dev.tenon.differential;

import dev.tenon.differential.microsoft.MicrosoftFamilies;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/**
 * NaN, infinities and extremes of integers in the operands of models whose families only draw moderate numbers. The
 * models are those of the families, with a few elements of one operand replaced.
 */
@Tag("tiers")
class ExtremesDifferentialTest extends Family {
    private static final double NAN = Double.NaN;
    private static final double MOST = Double.POSITIVE_INFINITY;
    private static final double LEAST = Double.NEGATIVE_INFINITY;

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        NetworksDifferentialTest networks = new NetworksDifferentialTest();
        add(all, networks, "Softmax", 0, NAN, MOST, LEAST);
        add(all, networks, "LogSoftmax", 0, NAN, MOST, LEAST);
        add(all, networks, "Hardmax", 0, MOST, LEAST);
        add(all, networks, "BatchNormalization", 0, NAN, MOST, LEAST);
        NormDifferentialTest norms = new NormDifferentialTest();
        add(all, norms, "LRN", 0, NAN, MOST);
        add(all, norms, "RMSNormalization", 0, NAN, MOST, LEAST);
        ReduceDifferentialTest reductions = new ReduceDifferentialTest();
        add(all, reductions, "ReduceLogSum", 0, MOST, 0);
        add(all, reductions, "ReduceProd", 0, NAN, MOST);
        add(all, reductions, "ReduceLogSumExp", 0, NAN, MOST, LEAST, 0);
        add(all, reductions, "ArgMax", 0, MOST, LEAST);
        add(all, reductions, "ArgMin", 0, MOST, LEAST);
        add(all, reductions, "CumSum", 0, NAN, MOST);
        AttentionDifferentialTest attention = new AttentionDifferentialTest();
        add(all, attention, "Attention", 0, NAN);
        add(all, attention, "RotaryEmbedding", 0, NAN, MOST);
        all.put("Attention" + Generators.COPY + "mask", draw -> ruledOut(draw, attention, "Attention", 3));
        RegionsDifferentialTest regions = new RegionsDifferentialTest();
        add(all, regions, "MaxRoiPool", 0, MOST, LEAST);
        LossDifferentialTest losses = new LossDifferentialTest();
        add(all, losses, "NegativeLogLikelihoodLoss", 0, NAN, MOST, LEAST);
        add(all, losses, "SoftmaxCrossEntropyLoss", 0, NAN, LEAST);
        QuantDifferentialTest quantised = new QuantDifferentialTest();
        add(all, quantised, "QuantizeLinear", 0, MOST, LEAST, 1e30, -1e30);
        RecurrentDifferentialTest recurrent = new RecurrentDifferentialTest();
        for (String name : List.of("RNN", "GRU", "LSTM")) {
            add(all, recurrent, name, 0, NAN);
        }
        NewestDifferentialTest newest = new NewestDifferentialTest();
        add(all, newest, "CausalConvWithState", 0, NAN, MOST);
        add(all, newest, "LinearAttention", 2, NAN);
        add(all, new ShapeDifferentialTest(), "DepthToSpace", 0, NAN, MOST);
        add(all, new ShapeDifferentialTest(), "SpaceToDepth", 0, NAN, MOST);
        add(all, new IndexDifferentialTest(), "NonZero", 0, NAN, MOST, -0.0);
        for (Family family : MicrosoftFamilies.all()) {
            add(all, family, "com.microsoft.MultiHeadAttention", 0, NAN);
            add(all, family, "com.microsoft.QuantizeLinear", 0, MOST, LEAST);
            add(all, family, "com.microsoft.BiasSoftmax", 0, NAN, LEAST);
        }
        for (String name : List.of("ArgMax", "ArgMin", "CumSum", "TopK")) {
            all.put(name + Generators.COPY + "integers", draw -> integers(draw, name));
        }
        return all;
    }

    private static void add(Map<String, Generator> all, Family family, String name, int operand, double... values) {
        Generator generator = family.generators().get(name);
        if (generator != null) {
            all.put(name + Generators.COPY + "extremes", draw -> {
                OperatorModel model = generator.model(draw);
                while (!replaceable(model.operand(operand)) || isPacked(model)) {
                    model = generator.model(draw);
                }
                return model.with(operand, replaced(draw, model.operand(operand), values));
            });
        }
    }

    /**
     * Whether the values are an operand of the queries too. The result of a weight of 0 times NaN depends on the kernel
     * there.
     */
    private static boolean isPacked(OperatorModel model) {
        return model.operator().equals("MultiHeadAttention") && model.operand(2) == null;
    }

    private static boolean replaceable(Tensor t) {
        return t != null && t.dtype().isFloating() && t.size() > 0;
    }

    private static Tensor replaced(Draw draw, Tensor t, double... values) {
        Tensor changed = Tensors.convert(t, t.dtype());
        int n = draw.between(1, 3);
        for (int i = 0; i < n; i++) {
            changed.setDouble(draw.longBetween(0, t.size() - 1), values[draw.between(0, values.length - 1)]);
        }
        return changed;
    }

    /** With a mask of numbers whose negative infinities exclude keys, but never the first key. */
    private static OperatorModel ruledOut(Draw draw, Family family, String name, int operand) {
        Generator generator = family.generators().get(name);
        OperatorModel model = generator.model(draw);
        while (!replaceable(model.operand(operand))) {
            model = generator.model(draw);
        }
        Tensor mask =
                Tensors.convert(model.operand(operand), model.operand(operand).dtype());
        long keys = mask.dim(mask.rank() - 1);
        for (long i = 0; i < mask.size(); i++) {
            if (i % keys > 0 && draw.chance(40)) {
                mask.setDouble(i, LEAST);
            }
        }
        return model.with(operand, mask);
    }

    /** Integers with the greatest and the least of their type among them. */
    private static OperatorModel integers(Draw draw, String name) {
        DType type = draw.type(DType.INT8, DType.INT32, DType.INT64, DType.UINT8);
        long[] dims = draw.fullDims(1, 3);
        Tensor x = draw.whole(type, 1, 3, dims);
        for (long i = 0; i < x.size(); i++) {
            if (draw.chance(20)) {
                x.setLong(i, draw.chance(50) ? type.minInteger() : type.maxInteger());
            }
        }
        long axis = draw.axis(dims.length);
        OperatorModel model = OperatorModel.of(name).input(x);
        return switch (name) {
            case "CumSum" -> model.input(Tensor.scalar(axis)).attribute("reverse", draw.pick(null, 1L));
            case "TopK" ->
                model.constant(Tensor.of(new long[] {
                            draw.longBetween(1, dims[(int) Math.floorMod(axis, (long) dims.length)])
                        }))
                        .attribute("axis", axis)
                        .attribute("largest", draw.pick(null, 0L, 1L))
                        .outputs(2);
            default ->
                model.attribute("axis", axis)
                        .attribute("select_last_index", draw.pick(null, 0L, 1L))
                        .attribute("keepdims", draw.pick(null, 0L));
        };
    }
}
