package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Regions of images that are pooled, cropped or selected, and deformable convolution. */
@Tag("tiers")
class RegionsDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("RoiAlign", RegionsDifferentialTest::align);
        all.put("MaxRoiPool", RegionsDifferentialTest::maxima);
        all.put("NonMaxSuppression", RegionsDifferentialTest::suppress);
        all.put("com.microsoft.CropAndResize", RegionsDifferentialTest::crop);
        all.put("DeformConv", RegionsDifferentialTest::deform);
        return all;
    }

    /** A number that is exact in all types, so that rounding does not change the element of a position. */
    static double quarters(Draw draw, int least, int most) {
        return draw.between(4 * least, 4 * most) / 4.0;
    }

    /** Corners x1, y1, x2, y2 of regions within and around an image. */
    private static Tensor corners(Draw draw, DType type, int count, int width, int height, int skip) {
        Tensor t = Tensor.allocate(type, count, 4 + skip);
        for (int i = 0; i < count; i++) {
            int at = i * (4 + skip) + skip;
            double x = quarters(draw, -2, width);
            double y = quarters(draw, -2, height);
            t.setDouble(at, x);
            t.setDouble(at + 1L, y);
            t.setDouble(at + 2L, x + quarters(draw, draw.chance(10) ? -1 : 0, width));
            t.setDouble(at + 3L, y + quarters(draw, draw.chance(10) ? -1 : 0, height));
        }
        return t;
    }

    private static OperatorModel align(Draw draw) {
        DType type = draw.type(Generators.types("RoiAlign", 0));
        long[] dims = WindowsDifferentialTest.image(draw, draw.between(1, 3), 2);
        int rois = draw.between(1, 4);
        return Generators.operands(
                        draw,
                        OperatorModel.of("RoiAlign").version(21),
                        draw.tame(type, dims),
                        corners(draw, type, rois, (int) dims[3], (int) dims[2], 0),
                        draw.whole(DType.INT64, 0, dims[0] - 1, rois))
                .attribute("mode", draw.pick(null, "avg", "max"))
                .attribute("coordinate_transformation_mode", draw.pick(null, "half_pixel", "output_half_pixel"))
                .attribute("output_height", draw.pick(null, 1L, 2L, 4L))
                .attribute("output_width", draw.pick(null, 1L, 2L, 4L))
                .attribute("sampling_ratio", draw.pick(null, 0L, 1L, 2L, 4L))
                .attribute("spatial_scale", draw.pick(null, 1f, 0.5f, 2f, 0.25f));
    }

    private static OperatorModel maxima(Draw draw) {
        DType type = draw.type(Generators.types("MaxRoiPool", 0));
        long[] dims = WindowsDifferentialTest.image(draw, draw.between(1, 3), 2);
        int count = draw.between(1, 4);
        Tensor rois = corners(draw, type, count, (int) dims[3], (int) dims[2], 1);
        for (int i = 0; i < count; i++) {
            rois.setDouble(5L * i, draw.between(0, (int) dims[0] - 1));
        }
        return Generators.operands(draw, OperatorModel.of("MaxRoiPool").version(21), draw.tame(type, dims), rois)
                .attribute("pooled_shape", new long[] {draw.pick(1, 2, 4), draw.pick(1, 2, 4)})
                .attribute("spatial_scale", draw.pick(null, 1f, 0.5f, 0.25f));
    }

    private static OperatorModel suppress(Draw draw) {
        int images = draw.between(1, 2);
        int classes = draw.between(1, 3);
        int count = draw.between(0, 20);
        Long format = draw.pick(null, 0L, 1L);
        Tensor boxes = Tensor.allocate(DType.FLOAT32, images, count, 4);
        for (long i = 0; i < boxes.size(); i += 4) {
            double y = quarters(draw, -4, 4);
            double x = quarters(draw, -4, 4);
            boolean centre = format != null && format == 1;
            boolean flipped = !centre && draw.chance(20);
            double h = quarters(draw, 0, 4) * (flipped ? -1 : 1);
            double w = quarters(draw, 0, 4);
            boxes.setDouble(i, y);
            boxes.setDouble(i + 1, x);
            boxes.setDouble(i + 2, centre ? h : y + h);
            boxes.setDouble(i + 3, centre ? w : x + w);
        }
        // All scores differ, because the standard does not define the order of equal scores.
        Tensor scores = Tensor.allocate(DType.FLOAT32, images, classes, count);
        int[] order = draw.permutation((int) scores.size());
        for (int i = 0; i < order.length; i++) {
            scores.setDouble(i, order[i] / 64.0 - 0.25);
        }
        long[] single = draw.chance(50) ? new long[0] : new long[] {1};
        return Generators.operands(
                        draw,
                        OperatorModel.of("NonMaxSuppression"),
                        boxes,
                        scores,
                        draw.chance(85) ? draw.whole(DType.INT64, 0, 6, single) : null,
                        draw.chance(70)
                                ? Tensors.convert(Tensor.scalar(draw.pick(0.0, 0.3, 0.5, 1.0)), DType.FLOAT32)
                                        .reshape(single)
                                : null,
                        draw.chance(50) ? draw.real(DType.FLOAT32, -0.3, 0.5, single) : null)
                .attribute("center_point_box", format);
    }

    private static OperatorModel crop(Draw draw) {
        DType type = draw.type(Set.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16));
        long[] dims = WindowsDifferentialTest.image(draw, draw.between(1, 3), 2);
        int count = draw.between(1, 4);
        return Generators.operands(
                        draw,
                        OperatorModel.of("com.microsoft", "CropAndResize"),
                        draw.tame(type, dims),
                        draw.real(type, -0.2, 1.2, count, 4),
                        draw.whole(DType.INT32, 0, dims[0] - 1, count),
                        draw.whole(DType.INT32, 1, 6, 2))
                .attribute("mode", draw.pick(null, "bilinear", "nearest"))
                .attribute("extrapolation_value", draw.pick(null, 1.5f, -2f));
    }

    private static OperatorModel deform(Draw draw) {
        int axes = 2;
        long group = draw.between(1, 2);
        long offsetGroup = draw.between(1, 2);
        long channels = group * offsetGroup * draw.between(1, 2);
        long out = group * draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        long[] x = WindowsDifferentialTest.image(draw, channels, axes);
        DType type = draw.type(Generators.types("DeformConv", 0));
        OperatorModel model = OperatorModel.of("DeformConv")
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("offset_group", offsetGroup == 1 ? draw.pick(null, 1L) : Long.valueOf(offsetGroup))
                .attribute("kernel_shape", draw.chance(50) ? kernel : null)
                .attribute("strides", draw.chance(60) ? draw.each(axes, 1, 2) : null)
                .attribute("dilations", draw.chance(30) ? draw.each(axes, 1, 2) : null)
                .attribute("pads", draw.chance(60) ? draw.each(2 * axes, 0, 2) : null);
        WindowGeometry w = WindowGeometry.of(model, new long[] {x[2], x[3]}, kernel);
        long taps = offsetGroup * WindowGeometry.product(kernel);
        Tensor offsets = Tensor.allocate(type, x[0], taps * axes, w.out()[0], w.out()[1]);
        for (long i = 0; i < offsets.size(); i++) {
            offsets.setDouble(i, quarters(draw, -2, 2));
        }
        boolean mask = draw.chance(50);
        return Generators.operands(
                draw,
                model,
                draw.tame(type, x),
                draw.tame(type, out, channels / group, kernel[0], kernel[1]),
                offsets,
                draw.chance(50) ? draw.tame(type, out) : null,
                mask ? draw.real(type, 0, 1, x[0], taps, w.out()[0], w.out()[1]) : null);
    }
}
