package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Resizing and sampling of images. */
@Tag("tiers")
class ResizeDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String mode : new String[] {"nearest", "linear", "cubic"}) {
            all.put("Resize" + Generators.COPY + mode, draw -> resize(draw, mode));
        }
        all.put("Resize" + Generators.COPY + "tf_half_pixel_for_nn", draw -> {
            long[] dims = {1, draw.between(1, 2), draw.between(1, 6), draw.between(1, 6)};
            Tensor scales = Tensors.convert(
                    Tensor.of(new double[] {1, 1, draw.pick(1.0, 1.5, 2.0, 4.0), draw.pick(1.0, 2.0, 3.0)}),
                    DType.FLOAT32);
            return OperatorModel.of("Resize")
                    .version(draw.pick(11, 13))
                    .input(draw.tame(DType.FLOAT32, dims))
                    .input(Tensor.allocate(DType.FLOAT32, 0))
                    .constant(scales)
                    .attribute("mode", "nearest")
                    .attribute(
                            "nearest_mode", draw.pick(null, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"))
                    .attribute("coordinate_transformation_mode", "tf_half_pixel_for_nn");
        });
        all.put("GridSample", ResizeDifferentialTest::sample);
        all.put("AffineGrid", ResizeDifferentialTest::grid);
        return all;
    }

    private static DType type(Draw draw, String operator, boolean moves) {
        Set<DType> types = moves ? Generators.types(operator, 0) : Draw.NUMBERS;
        return draw.type(types);
    }

    /**
     * Resizes two axes, or more in the modes linear and nearest. The scales are such that rounding does not change a
     * position.
     */
    private static OperatorModel resize(Draw draw, String mode) {
        boolean nearest = mode.equals("nearest");
        DType type = type(draw, "Resize", nearest);
        int rank = mode.equals("linear") ? draw.between(2, 5) : 4;
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i < rank - 2 ? draw.between(1, 2) : draw.between(1, 9);
        }
        // Results that are truncated to integers need weights that are exact sums of powers of 2.
        boolean exact = !nearest && type.isInteger();
        boolean antialias = !nearest && draw.chance(30);
        String coordinates = coordinates(draw, type, exact);
        boolean symmetric = "half_pixel_symmetric".equals(coordinates);
        boolean crop = "tf_crop_and_resize".equals(coordinates);
        boolean some = draw.chance(50);
        int[] at = some ? new int[] {rank - 2, rank - 1} : all(rank);
        double[] scales = new double[at.length];
        long[] sizes = new long[at.length];
        boolean bySize = !exact && draw.chance(40);
        String policy = bySize && some ? draw.pick(null, "stretch", "not_larger", "not_smaller") : null;
        for (int i = 0; i < at.length; i++) {
            scales[i] = at[i] < rank - 2
                    ? 1
                    : exact ? draw.pick(1.0, 2.0, 4.0) : draw.pick(0.5, 1.0, 2.0, 4.0, 0.75, 1.5, 2.5);
            while ((long) (dims[at[i]] * scales[i]) == 0) {
                scales[i] *= 2;
            }
            double width = dims[at[i]] * scales[i];
            sizes[i] = at[i] < rank - 2
                    ? dims[at[i]]
                    : !nearest ? draw.between(1, 14) : width == (long) width ? (long) width : dims[at[i]];
            if (nearest && symmetric && width != (long) width) {
                scales[i] = 1;
            }
        }
        long[] axes =
                Arrays.stream(at).mapToLong(a -> draw.chance(30) ? a - rank : a).toArray();
        Tensor x = nearest ? draw.tensor(type, dims) : draw.tame(type, dims);
        OperatorModel model = OperatorModel.of("Resize").input(x);
        if (crop) {
            model.input(region(draw, at, rank));
        } else {
            model.none();
        }
        Tensor by = bySize ? Tensor.of(sizes) : Tensors.convert(Tensor.of(scales), DType.FLOAT32);
        if (bySize) {
            model.none();
        }
        return (draw.chance(50) ? model.constant(by) : model.input(by))
                .attribute("mode", nearest ? draw.pick(null, mode) : mode)
                .attribute("coordinate_transformation_mode", coordinates)
                .attribute(
                        "nearest_mode",
                        nearest ? draw.pick(null, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil") : null)
                .attribute("antialias", antialias ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("axes", some ? axes : null)
                .attribute("cubic_coeff_a", mode.equals("cubic") ? draw.pick(null, -0.5f, -0.75f) : null)
                .attribute("exclude_outside", mode.equals("cubic") || antialias ? draw.pick(null, 0L, 1L) : null)
                .attribute("extrapolation_value", crop ? draw.pick(null, 2f, -1f) : null)
                .attribute("keep_aspect_ratio_policy", policy);
    }

    private static int[] all(int rank) {
        int[] at = new int[rank];
        Arrays.setAll(at, i -> i);
        return at;
    }

    private static String coordinates(Draw draw, DType type, boolean exact) {
        String mode = exact
                ? draw.pick(null, "half_pixel", "asymmetric", "pytorch_half_pixel")
                : draw.pick(
                        null,
                        "half_pixel",
                        "half_pixel_symmetric",
                        "pytorch_half_pixel",
                        "align_corners",
                        "asymmetric",
                        "tf_crop_and_resize");
        // No string replaces a number outside of the data.
        return (type == DType.STRING || type.isComplex()) && "tf_crop_and_resize".equals(mode) ? null : mode;
    }

    /** The region that is resized, which may reach beyond the image. */
    private static Tensor region(Draw draw, int[] at, int rank) {
        Tensor roi = Tensor.allocate(DType.FLOAT32, 2L * at.length);
        for (int i = 0; i < at.length; i++) {
            boolean whole = at[i] < rank - 2;
            roi.setDouble(i, whole ? 0 : draw.pick(0.0, 0.25, 0.5, -0.25));
            roi.setDouble((long) i + at.length, whole ? 1 : draw.pick(0.5, 0.75, 1.0, 1.25));
        }
        return roi;
    }

    private static OperatorModel sample(Draw draw) {
        String mode = draw.pick(null, "linear", "nearest", "cubic");
        boolean nearest = "nearest".equals(mode);
        DType type = type(draw, "GridSample", nearest);
        int axes = "cubic".equals(mode) ? 2 : draw.between(2, 3);
        long[] x = WindowsDifferentialTest.image(draw, draw.between(1, 3), axes);
        for (int i = 0; i < axes; i++) {
            x[2 + i] = draw.between(1, 8);
        }
        long[] dims = new long[axes + 2];
        dims[0] = x[0];
        dims[axes + 1] = axes;
        for (int i = 1; i <= axes; i++) {
            dims[i] = draw.between(1, 6);
        }
        boolean exact = !nearest && type.isInteger();
        DType places = draw.chance(70) && Draw.FLOATS.contains(type) ? type : draw.type(Draw.FLOATS);
        Tensor grid = draw.chance(60) ? draw.real(places, -1.5, 1.5, dims) : Tensor.allocate(places, dims);
        for (long i = 0; i < grid.size(); i++) {
            double v = grid.getDouble(i);
            grid.setDouble(i, draw.chance(exact || v == 0 ? 100 : 20) ? draw.between(-12, 12) / 8.0 : v);
        }
        return Generators.operands(
                        draw, OperatorModel.of("GridSample"), nearest ? draw.tensor(type, x) : draw.tame(type, x), grid)
                .attribute("mode", mode)
                .attribute("padding_mode", draw.pick(null, "zeros", "border", "reflection"))
                .attribute("align_corners", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel grid(Draw draw) {
        DType type = draw.type(Generators.types("AffineGrid", 0));
        int axes = draw.between(2, 3);
        long[] size = new long[axes + 2];
        for (int i = 0; i < size.length; i++) {
            size[i] = i < 2 ? draw.between(1, 3) : draw.between(1, 9);
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of("AffineGrid"),
                        draw.tame(type, size[0], axes, axes + 1L),
                        Tensor.of(size))
                .attribute("align_corners", draw.pick(null, 0L, 1L));
    }
}
