package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Pooling and convolution over one to three spatial axes. */
@Tag("tiers")
class WindowsDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put(
                "AveragePool",
                draw -> pool(draw, "AveragePool").attribute("count_include_pad", draw.pick(null, 0L, 1L)));
        all.put("MaxPool", draw -> {
            OperatorModel model = pool(draw, "MaxPool");
            return draw.chance(40) ? model.outputs(2).attribute("storage_order", draw.pick(null, 0L, 1L)) : model;
        });
        all.put("LpPool", draw -> pool(draw, "LpPool").attribute("p", draw.pick(null, 1L, 2L, 3L, 4L)));
        for (String name : new String[] {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"}) {
            all.put(name, draw -> {
                OperatorModel model = OperatorModel.of(name)
                        .input(draw.summands(draw.type(Generators.types(name, 0)), draw.fullDims(3, 5)));
                return name.equals("GlobalLpPool") ? model.attribute("p", draw.pick(null, 1L, 2L, 3L)) : model;
            });
        }
        all.put("MaxUnpool", WindowsDifferentialTest::unpool);
        all.put("Col2Im", WindowsDifferentialTest::fold);
        all.put("Conv", WindowsDifferentialTest::conv);
        all.put("ConvTranspose", WindowsDifferentialTest::convTranspose);
        return all;
    }

    /** A shape with batch, channels and spatial axes. */
    static long[] image(Draw draw, long channels, int axes) {
        long[] dims = new long[2 + axes];
        dims[0] = draw.between(1, 2);
        dims[1] = channels;
        for (int i = 0; i < axes; i++) {
            dims[2 + i] = draw.between(5, axes == 1 ? 40 : axes == 2 ? 20 : 8);
        }
        return dims;
    }

    /** The attributes of windows that pooling and convolution share. */
    private static void slide(Draw draw, OperatorModel model, long[] kernel, int mostPad) {
        int axes = kernel.length;
        String auto = draw.pick(null, null, null, "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
        boolean explicit = auto == null || auto.equals("NOTSET");
        long[] pads = new long[2 * axes];
        for (int i = 0; i < pads.length; i++) {
            pads[i] = draw.between(0, Math.min(mostPad, (int) kernel[i % axes] - 1));
        }
        model.attribute("auto_pad", auto)
                .attribute("strides", draw.chance(60) ? draw.each(axes, 1, 3) : null)
                .attribute("dilations", draw.chance(30) ? draw.each(axes, 1, 2) : null)
                .attribute("pads", explicit && draw.chance(60) ? pads : null);
    }

    private static OperatorModel pool(Draw draw, String name) {
        int axes = draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        long[] dims = image(draw, draw.between(1, 4), axes);
        DType type = draw.type(Generators.types(name, 0));
        OperatorModel model = OperatorModel.of(name)
                .input(name.equals("MaxPool") ? draw.tensor(type, dims) : draw.summands(type, dims))
                .attribute("kernel_shape", kernel)
                .attribute("ceil_mode", draw.pick(null, null, 0L, 1L));
        slide(draw, model, kernel, 2);
        return model;
    }

    /** Indices as MaxPool makes them: one in each window. */
    private static OperatorModel unpool(Draw draw) {
        int axes = draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        long[] strides = draw.chance(60) ? draw.each(axes, 1, 3) : null;
        long[] pads = draw.chance(40) ? new long[2 * axes] : null;
        long[] x = image(draw, draw.between(1, 3), axes);
        long[] whole = x.clone();
        for (int i = 0; i < axes; i++) {
            whole[2 + i] = (x[2 + i] - 1) * (strides == null ? 1 : strides[i]) + kernel[i];
            if (pads != null) {
                pads[i] = draw.between(0, (int) kernel[i] - 1);
                whole[2 + i] -= pads[i];
            }
        }
        long[] larger = whole.clone();
        larger[x.length - 1] += draw.between(0, 2);
        Tensor data = draw.tensor(draw.type(Generators.types("MaxUnpool", 0)), x);
        int[] order = draw.permutation((int) WindowGeometry.product(whole));
        Tensor indices = Tensor.allocate(DType.INT64, x);
        for (int i = 0; i < indices.size(); i++) {
            indices.setLong(i, order[i % order.length]);
        }
        if (data.size() > order.length) {
            // Several elements at one index have the same value, so that their order does not matter.
            for (long i = 1; i < data.size(); i++) {
                data.copyElementTo(0, data, i);
            }
        }
        Tensor shape = draw.chance(40) ? Tensor.of(larger) : null;
        return Generators.operands(draw, OperatorModel.of("MaxUnpool"), data, indices, shape)
                .attribute("kernel_shape", kernel)
                .attribute("strides", strides)
                .attribute("pads", pads);
    }

    private static OperatorModel fold(Draw draw) {
        int axes = draw.between(1, 3);
        long[] image = draw.each(axes, 5, 8);
        long[] block = draw.each(axes, 1, 3);
        OperatorModel model = OperatorModel.of("Col2Im")
                .attribute("strides", draw.chance(60) ? draw.each(axes, 1, 3) : null)
                .attribute("dilations", draw.chance(30) ? draw.each(axes, 1, 2) : null)
                .attribute("pads", draw.chance(60) ? draw.each(2 * axes, 0, 2) : null);
        WindowGeometry w = WindowGeometry.of(model, image, block);
        long[] dims = {draw.between(1, 2), draw.between(1, 3) * WindowGeometry.product(block), w.count()};
        DType type = draw.type(Generators.types("Col2Im", 0));
        return Generators.operands(draw, model, draw.summands(type, dims), Tensor.of(image), Tensor.of(block));
    }

    private static OperatorModel conv(Draw draw) {
        int axes = draw.between(1, 3);
        long group = draw.between(1, 3);
        long each = draw.chance(10) ? draw.between(9, 20) : draw.between(1, 4);
        long out = group * (draw.chance(10) ? draw.between(9, 20) : draw.between(1, 4));
        long[] kernel = draw.each(axes, 1, 3);
        if (draw.chance(20)) {
            kernel[axes - 1] = draw.between(4, 5);
        }
        DType type = draw.type(Generators.types("Conv", 0));
        long[] weights = new long[2 + axes];
        weights[0] = out;
        weights[1] = each;
        System.arraycopy(kernel, 0, weights, 2, axes);
        long[] x = image(draw, group * each, axes);
        x[x.length - 1] += 4;
        OperatorModel model = Generators.operands(
                        draw,
                        OperatorModel.of("Conv"),
                        draw.summands(type, x),
                        draw.tame(type, weights),
                        draw.chance(50) ? draw.tame(type, out) : null)
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("kernel_shape", draw.chance(50) ? kernel : null);
        slide(draw, model, kernel, 9);
        return model;
    }

    private static OperatorModel convTranspose(Draw draw) {
        int axes = draw.between(1, 3);
        long group = draw.between(1, 2);
        long in = group * draw.between(1, 3);
        long each = draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        DType type = draw.type(Generators.types("ConvTranspose", 0));
        long[] weights = new long[2 + axes];
        weights[0] = in;
        weights[1] = each;
        System.arraycopy(kernel, 0, weights, 2, axes);
        long[] x = image(draw, in, axes);
        OperatorModel model = Generators.operands(
                        draw,
                        OperatorModel.of("ConvTranspose"),
                        draw.summands(type, x),
                        draw.tame(type, weights),
                        draw.chance(50) ? draw.tame(type, group * each) : null)
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("kernel_shape", draw.chance(50) ? kernel : null);
        slide(draw, model, kernel, 1);
        long[] strides = WindowGeometry.list(model, "strides", axes, 1);
        long[] more = new long[axes];
        for (int i = 0; i < axes; i++) {
            more[i] = draw.between(0, (int) strides[i] - 1);
        }
        model.attribute("output_padding", draw.chance(30) ? more : null);
        if (draw.chance(20) && model.attribute("pads") == null) {
            long[] shape = WindowGeometry.transposed(model, WindowGeometry.spatial(model.operand(0)), kernel)
                    .in()
                    .clone();
            for (int i = 0; i < axes; i++) {
                shape[i] = Math.max(1, shape[i] - draw.between(0, (int) kernel[i] - 1));
            }
            model.attribute("output_shape", shape);
        }
        return model;
    }
}
