package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Operators that the standard has removed, in versions that had them, and constants. */
@Tag("tiers")
class RetiredDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Constant", RetiredDifferentialTest::constant);
        all.put(
                "Scatter",
                draw -> IndexDifferentialTest.scatter(draw, "Scatter", null).version(draw.pick(9, 10)));
        all.put("Upsample", RetiredDifferentialTest::upsample);
        all.put(
                "Affine",
                draw -> tame(draw, "Affine").attribute("alpha", number(draw)).attribute("beta", number(draw)));
        all.put("Scale", draw -> tame(draw, "Scale").attribute("scale", draw.pick(null, 0.5f, -2f)));
        for (String name : List.of("ParametricSoftplus", "ScaledTanh")) {
            all.put(
                    name,
                    draw -> tame(draw, name).attribute("alpha", number(draw)).attribute("beta", number(draw)));
        }
        all.put("ImageScaler", draw -> {
            long channels = draw.between(1, 4);
            float[] bias = new float[(int) channels];
            for (int i = 0; i < bias.length; i++) {
                bias[i] = number(draw);
            }
            return OperatorModel.of("ImageScaler")
                    .version(8)
                    .input(draw.tame(DType.FLOAT32, draw.between(1, 2), channels, draw.positive(), draw.between(1, 5)))
                    .attribute("scale", draw.pick(null, 0.5f))
                    .attribute("bias", bias);
        });
        all.put("Crop", RetiredDifferentialTest::crop);
        all.put("DynamicSlice", RetiredDifferentialTest::slice);
        return all;
    }

    private static Float number(Draw draw) {
        return draw.pick(0.5f, 1f, -1.5f, 2f);
    }

    private static OperatorModel tame(Draw draw, String name) {
        return OperatorModel.of(name).version(8).input(draw.tame(DType.FLOAT32, draw.fullDims(0, 4)));
    }

    /** A constant in each form of the operator's attributes. */
    private static OperatorModel constant(Draw draw) {
        OperatorModel model = OperatorModel.of("Constant");
        int n = draw.between(1, 5);
        return switch (draw.between(0, 6)) {
            case 0 -> model.attribute("value_int", draw.longBetween(Long.MIN_VALUE, Long.MAX_VALUE - 1));
            case 1 -> model.attribute("value_float", (float) draw.gaussian());
            case 2 -> model.attribute("value_string", draw.pick("", "a", "π"));
            case 3 -> model.attribute("value_ints", draw.wild(DType.INT64, n).toLongArray());
            case 4 ->
                model.attribute("value_floats", draw.wild(DType.FLOAT32, n).toFloatArray());
            case 5 ->
                model.attribute("value_strings", draw.tame(DType.STRING, n).toStringArray());
            default -> model.attribute("value", draw.tensor(draw.type(Draw.PLAIN), draw.dims(0, 3)));
        };
    }

    private static OperatorModel upsample(Draw draw) {
        int version = draw.pick(7, 8, 9);
        boolean linear = draw.chance(50);
        int rank = linear ? draw.pick(2, 4) : draw.between(1, 4);
        DType type = draw.pick(DType.FLOAT32, DType.FLOAT32, DType.INT32, DType.UINT8);
        long[] dims = new long[rank];
        float[] scales = new float[rank];
        for (int i = 0; i < rank; i++) {
            boolean outer = linear && i < rank - 2;
            dims[i] = draw.between(1, outer ? 2 : 6);
            scales[i] = outer ? 1 : draw.pick(1f, 2f, 3f, 1.5f);
        }
        DType own = linear ? DType.FLOAT32 : type;
        OperatorModel model = OperatorModel.of("Upsample").version(version).input(draw.tame(own, dims));
        if (version == 9) {
            Tensor t = Tensor.of(scales, rank);
            model = draw.chance(70) ? model.constant(t) : model.input(t);
        } else {
            model.attribute("scales", scales);
        }
        return model.attribute("mode", linear ? "linear" : draw.pick(null, "nearest"));
    }

    private static OperatorModel crop(Draw draw) {
        long[] border = new long[4];
        for (int i = 0; i < 4; i++) {
            border[i] = draw.between(0, 3);
        }
        long height = draw.between(7, 12);
        long width = draw.between(7, 12);
        long[] scale = {draw.longBetween(1, height - border[1]), draw.longBetween(1, width - border[0])};
        return OperatorModel.of("Crop")
                .version(8)
                .input(draw.tame(DType.FLOAT32, draw.between(1, 2), draw.between(1, 3), height, width))
                .attribute("border", border)
                .attribute("scale", draw.chance(50) ? scale : null);
    }

    private static OperatorModel slice(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        int[] axes = draw.some(dims.length);
        int n = Math.max(1, axes.length);
        long[] chosen = new long[n];
        long[] starts = new long[n];
        long[] ends = new long[n];
        for (int i = 0; i < n; i++) {
            chosen[i] = axes.length == 0 ? 0 : axes[i];
            long size = dims[(int) chosen[i]];
            starts[i] = draw.longBetween(-size, size - 1);
            ends[i] = draw.longBetween(-size, size + 2);
        }
        DType index = draw.pick(DType.INT32, DType.INT64);
        OperatorModel model = OperatorModel.of("DynamicSlice")
                .version(draw.between(7, 9))
                .input(draw.tensor(draw.type(Draw.PLAIN), dims));
        for (long[] list : new long[][] {starts, ends, chosen}) {
            model.input(Tensors.convert(Tensor.of(list, n), index));
        }
        return model;
    }
}
