package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Layers of networks: windows, normalisations, distributions. */
@Tag("tiers")
class NetworksDifferentialTest extends Family {
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16};

    @Override
    Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : new String[] {"Softmax", "LogSoftmax", "Hardmax"}) {
            all.put(name, draw -> {
                long[] dims = draw.fullDims(1, 4);
                return Sketch.of(name)
                        .input(draw.tame(name.equals("Hardmax") ? DType.FLOAT32 : draw.type(TYPES), dims))
                        .attribute("axis", draw.chance(80) ? draw.axis(dims.length) : null);
            });
        }
        for (String name : new String[] {"GlobalAveragePool", "GlobalMaxPool"}) {
            all.put(name, draw -> Sketch.of(name).input(draw.tame(DType.FLOAT32, draw.fullDims(3, 5))));
        }
        all.put(
                "AveragePool",
                draw -> windows(draw, "AveragePool").attribute("count_include_pad", draw.pick(null, 0L, 1L)));
        all.put("MaxPool", draw -> windows(draw, "MaxPool"));
        all.put("Conv", NetworksDifferentialTest::conv);
        all.put("ConvTranspose", NetworksDifferentialTest::convTranspose);
        all.put("BatchNormalization", draw -> {
            long[] dims = draw.fullDims(2, 4);
            return Generators.operands(
                            draw,
                            Sketch.of("BatchNormalization"),
                            draw.tame(DType.FLOAT32, dims),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.tame(DType.FLOAT32, dims[1]),
                            draw.real(DType.FLOAT32, 0.1, 3, dims[1]))
                    .attribute("epsilon", draw.pick(null, 1e-3f));
        });
        all.put("StringConcat", draw -> {
            long[][] shapes = draw.broadcast(2);
            return Generators.operands(
                    draw,
                    Sketch.of("StringConcat"),
                    draw.tame(DType.STRING, shapes[0]),
                    draw.tame(DType.STRING, shapes[1]));
        });
        return all;
    }

    /** One to three spatial axes of some size each, with windows that fit. */
    private static long[] image(Draw draw, long channels, int axes) {
        long[] dims = new long[2 + axes];
        dims[0] = draw.between(1, 2);
        dims[1] = channels;
        for (int i = 0; i < axes; i++) {
            dims[2 + i] = draw.between(5, axes == 1 ? 40 : 12);
        }
        return dims;
    }

    private static long[] each(int axes, Draw draw, int least, int most) {
        long[] values = new long[axes];
        for (int i = 0; i < axes; i++) {
            values[i] = draw.between(least, most);
        }
        return values;
    }

    private static Sketch windows(Draw draw, String name) {
        int axes = draw.between(1, 3);
        long[] kernel = each(axes, draw, 1, 3);
        long[] pads = new long[2 * axes];
        for (int i = 0; i < pads.length; i++) {
            pads[i] = draw.between(0, (int) kernel[i % axes] - 1);
        }
        return Sketch.of(name)
                .version(22)
                .input(draw.tame(DType.FLOAT32, image(draw, draw.between(1, 4), axes)))
                .attribute("kernel_shape", kernel)
                .attribute("strides", draw.chance(60) ? each(axes, draw, 1, 3) : null)
                .attribute("dilations", draw.chance(30) ? each(axes, draw, 1, 2) : null)
                .attribute("pads", draw.chance(60) ? pads : null);
    }

    private static Sketch conv(Draw draw) {
        int axes = draw.between(1, 3);
        long group = draw.between(1, 3);
        long each = draw.between(1, 4);
        long out = group * draw.between(1, 4);
        long[] kernel = each(axes, draw, 1, 3);
        long[] weights = new long[2 + axes];
        weights[0] = out;
        weights[1] = each;
        System.arraycopy(kernel, 0, weights, 2, axes);
        Tensor bias = draw.chance(50) ? draw.tame(DType.FLOAT32, out) : null;
        return Generators.operands(
                        draw,
                        Sketch.of("Conv"),
                        draw.tame(DType.FLOAT32, image(draw, group * each, axes)),
                        draw.tame(DType.FLOAT32, weights),
                        bias)
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("strides", draw.chance(60) ? each(axes, draw, 1, 3) : null)
                .attribute("dilations", draw.chance(30) ? each(axes, draw, 1, 2) : null)
                .attribute("pads", draw.chance(60) ? each(2 * axes, draw, 0, 2) : null);
    }

    private static Sketch convTranspose(Draw draw) {
        int axes = draw.between(1, 2);
        long group = draw.between(1, 2);
        long in = group * draw.between(1, 3);
        long each = draw.between(1, 3);
        long[] weights = new long[2 + axes];
        weights[0] = in;
        weights[1] = each;
        for (int i = 0; i < axes; i++) {
            weights[2 + i] = draw.between(1, 3);
        }
        Tensor bias = draw.chance(50) ? draw.tame(DType.FLOAT32, group * each) : null;
        return Generators.operands(
                        draw,
                        Sketch.of("ConvTranspose"),
                        draw.tame(DType.FLOAT32, image(draw, in, axes)),
                        draw.tame(DType.FLOAT32, weights),
                        bias)
                .attribute("group", group)
                .attribute("strides", draw.chance(60) ? each(axes, draw, 1, 3) : null)
                .attribute("pads", draw.chance(60) ? each(2 * axes, draw, 0, 1) : null);
    }
}
