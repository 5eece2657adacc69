package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Normalisations, and operators that do nothing in inference. */
@Tag("tiers")
class NormDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("LayerNormalization", NormDifferentialTest::layer);
        all.put("LayerNormalization#older", draw -> layer(draw).version(17));
        all.put("RMSNormalization", NormDifferentialTest::rootMeanSquare);
        all.put("GroupNormalization", NormDifferentialTest::group);
        all.put("GroupNormalization#older", NormDifferentialTest::groupOfGroups);
        all.put("InstanceNormalization", NormDifferentialTest::instance);
        all.put("LRN", NormDifferentialTest::acrossChannels);
        all.put("LpNormalization", draw -> {
            DType type = draw.type(Generators.types("LpNormalization", 0));
            long[] dims = draw.dims(1, 4);
            Tensor x = draw.chance(25) ? draw.whole(type, -1, 1, dims) : draw.summands(type, dims);
            return OperatorModel.of("LpNormalization")
                    .version(22)
                    .input(x)
                    .attribute("axis", draw.chance(80) ? draw.axis(dims.length) : null)
                    .attribute("p", draw.pick(null, 1L, 2L));
        });
        all.put("MeanVarianceNormalization", NormDifferentialTest::meanVariance);
        all.put("Dropout", NormDifferentialTest::dropout);
        return all;
    }

    /** Rows near 0 or far from it. Some rows have no variance or a NaN. */
    private static Tensor rows(Draw draw, DType type, long... dims) {
        if (draw.chance(20)) {
            return draw.real(type, 9, 11, dims);
        }
        return draw.summands(type, dims);
    }

    private static Float epsilon(Draw draw) {
        return draw.pick(null, null, 1e-3f, 0.1f, 1e-6f);
    }

    private static OperatorModel layer(Draw draw) {
        DType type = draw.type(Generators.types("LayerNormalization", 0));
        long[] dims = draw.dims(1, 4);
        long axis = draw.chance(60) ? -1 : draw.axis(dims.length);
        int first = (int) Math.floorMod(axis, (long) dims.length);
        long[] row = Arrays.copyOfRange(dims, first, dims.length);
        long[] scale = draw.chance(25) ? draw.partOf(row) : row;
        Tensor bias = draw.chance(40) ? null : draw.tame(type, draw.chance(25) ? draw.partOf(row) : row);
        return Generators.operands(
                        draw,
                        OperatorModel.of("LayerNormalization"),
                        rows(draw, type, dims),
                        draw.tame(type, scale),
                        bias)
                .outputs(draw.pick(1, 1, 2, 3))
                .attribute("axis", axis == -1 ? draw.pick(null, -1L) : Long.valueOf(axis))
                .attribute("epsilon", epsilon(draw))
                .attribute("stash_type", draw.pick(null, null, 1L));
    }

    private static OperatorModel rootMeanSquare(Draw draw) {
        DType type = draw.type(Generators.types("RMSNormalization", 0));
        DType result = draw.chance(80) ? type : draw.type(Generators.types("RMSNormalization", 1));
        long[] dims = draw.dims(1, 4);
        long axis = draw.chance(60) ? -1 : draw.axis(dims.length);
        int first = (int) Math.floorMod(axis, (long) dims.length);
        long[] row = Arrays.copyOfRange(dims, first, dims.length);
        return Generators.operands(
                        draw,
                        OperatorModel.of("RMSNormalization"),
                        rows(draw, type, dims),
                        draw.tame(result, draw.chance(25) ? draw.partOf(row) : row))
                .attribute("axis", axis == -1 ? draw.pick(null, -1L) : Long.valueOf(axis))
                .attribute("epsilon", epsilon(draw))
                .attribute("stash_type", draw.pick(null, null, 1L));
    }

    private static OperatorModel group(Draw draw) {
        return groups(draw, true);
    }

    /** With a scale and a bias for each group, as before version 21. */
    private static OperatorModel groupOfGroups(Draw draw) {
        return groups(draw, false).version(18);
    }

    private static OperatorModel groups(Draw draw, boolean ofChannels) {
        DType type = draw.type(Generators.types("GroupNormalization", 0));
        long[] dims = draw.fullDims(3, 5);
        long groups = draw.between(1, 4);
        dims[1] = groups * draw.between(1, 4);
        if (draw.chance(10)) {
            dims[draw.pick(0, 2)] = 0;
        }
        long parameters = ofChannels ? dims[1] : groups;
        return Generators.operands(
                        draw,
                        OperatorModel.of("GroupNormalization"),
                        rows(draw, type, dims),
                        draw.tame(type, parameters),
                        draw.tame(type, parameters))
                .attribute("num_groups", groups)
                .attribute("epsilon", epsilon(draw));
    }

    private static OperatorModel instance(Draw draw) {
        DType type = draw.type(Generators.types("InstanceNormalization", 0));
        long[] dims = draw.dims(3, 5);
        return Generators.operands(
                        draw,
                        OperatorModel.of("InstanceNormalization"),
                        rows(draw, type, dims),
                        draw.tame(type, dims[1]),
                        draw.tame(type, dims[1]))
                .version(22)
                .attribute("epsilon", epsilon(draw));
    }

    private static OperatorModel acrossChannels(Draw draw) {
        DType type = draw.type(Generators.types("LRN", 0));
        return OperatorModel.of("LRN")
                .input(draw.tame(type, draw.dims(4, 4)))
                .attribute("size", draw.pick(1L, 3L, 5L, 9L))
                .attribute("alpha", draw.pick(null, null, 0.5f, 2f))
                .attribute("beta", draw.pick(null, null, 0.5f, 1f))
                .attribute("bias", draw.pick(null, null, 2f));
    }

    private static OperatorModel meanVariance(Draw draw) {
        DType type = draw.type(Generators.types("MeanVarianceNormalization", 0));
        boolean standard = draw.chance(40);
        long[] dims = standard ? draw.fullDims(4, 4) : draw.fullDims(1, 4);
        int[] some = draw.some(dims.length);
        long[] axes = new long[Math.max(1, some.length)];
        for (int i = 0; i < some.length; i++) {
            axes[i] = some[i];
        }
        return OperatorModel.of("MeanVarianceNormalization")
                .input(rows(draw, type, dims))
                .attribute("axes", standard ? null : axes);
    }

    private static OperatorModel dropout(Draw draw) {
        DType type = draw.type(Draw.FLOATS);
        Tensor ratio = draw.chance(40) ? null : draw.real(draw.type(Draw.FLOATS), 0, 0.9);
        Tensor training = draw.chance(50) ? null : Tensor.scalar(false);
        if (draw.chance(20)) {
            ratio = Tensor.scalar(0f);
            training = Tensor.scalar(true);
        }
        return Generators.operands(
                        draw, OperatorModel.of("Dropout"), draw.tensor(type, draw.dims(0, 4)), ratio, training)
                .outputs(draw.pick(1, 2))
                .attribute("seed", draw.pick(null, 7L));
    }
}
