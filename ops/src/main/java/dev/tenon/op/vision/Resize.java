package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.ResizeTaps;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Resizes a tensor along some axes. Each element of the result corresponds to a position in the data, and is taken or
 * interpolated from the elements around it. By scales, a dimension d becomes {@code floor(d * scale)}, the product
 * rounded to float32.
 *
 * <p>Positions are computed in float32 for mode nearest, as ONNX Runtime does, and in float64 for the others.
 * Interpolated integers are truncated, with antialias rounded to the nearest, halves up. An element of weight 0 does
 * not contribute, not even if it is NaN.
 *
 * @param mode how values between elements are interpolated
 * @param coordinates the position in the data of an element of the result
 * @param nearest the choice between two elements for mode nearest
 * @param antialias whether the filter is stretched where the data shrinks, for modes linear and cubic
 * @param axes the axes that roi, scales and sizes are for, each in [-rank, rank-1]; empty for all
 * @param cubicCoeffA the coefficient a of cubic convolution
 * @param excludeOutside whether elements outside of the data have no weight, instead of repeating its border
 * @param extrapolationValue the value outside of the data, for coordinates tf_crop_and_resize
 * @param policy the meaning of sizes
 */
public record Resize(
        Mode mode,
        Coordinates coordinates,
        Nearest nearest,
        boolean antialias,
        List<Long> axes,
        float cubicCoeffA,
        boolean excludeOutside,
        float extrapolationValue,
        Policy policy)
        implements Op {
    /** How values between elements are interpolated. */
    public enum Mode {
        /** The nearest element. */
        NEAREST,
        /** Linear along each axis. */
        LINEAR,
        /** Cubic convolution along each axis. */
        CUBIC
    }

    /** The position in the data of an element of the result; the standard has the formulas. */
    public enum Coordinates {
        /** Centres of elements are at halves; the scale is the one given. */
        HALF_PIXEL,
        /** The same, with the middle of the result in the middle of the data. */
        HALF_PIXEL_SYMMETRIC,
        /** As half_pixel, but 0 if there is one element. */
        PYTORCH_HALF_PIXEL,
        /** First on first, last on last. */
        ALIGN_CORNERS,
        /** First on first; the scale is the one given. */
        ASYMMETRIC,
        /** Half an element further than half_pixel; in versions 11 and 13 of the standard only. */
        TF_HALF_PIXEL_FOR_NN,
        /** First and last on the borders of the region of interest. */
        TF_CROP_AND_RESIZE
    }

    /** The choice between two elements for mode nearest. */
    public enum Nearest {
        /** The nearer; of two at the same distance the lower. */
        ROUND_PREFER_FLOOR,
        /** The nearer; of two at the same distance the upper. */
        ROUND_PREFER_CEIL,
        /** The lower. */
        FLOOR,
        /** The upper. */
        CEIL
    }

    /** The meaning of sizes. */
    public enum Policy {
        /** The dimensions of the result. */
        STRETCH,
        /** Upper bounds of the dimensions; the ratios between the axes are kept. */
        NOT_LARGER,
        /** Lower bounds of the dimensions; the ratios between the axes are kept. */
        NOT_SMALLER
    }

    /**
     * Inputs: X; roi for coordinates tf_crop_and_resize, the starts and then the ends as fractions of the axes; scales,
     * float32, or sizes, int64. One of these two must be given and not empty. Output: Y.
     */
    public static final OpSchema SCHEMA = OpSchema.of("Resize")
            .input("X", "T1")
            .optional("roi", "T2")
            .optional("scales", "S")
            .optional("sizes", "I")
            .output("Y", "T1")
            .where("T1", ImageOperands.MOVABLE)
            .where("T2", Types.FLOATS)
            .where("S", Types.FLOAT32)
            .where("I", Types.INT64);

    private static final float STANDARD_A = -0.75f;
    private static final Numerics NUMERICS = Numerics.sum(16);

    /**
     * An operator.
     *
     * @param mode how values between elements are interpolated
     * @param coordinates the position in the data of an element of the result
     * @param nearest the choice between two elements for mode nearest
     * @param antialias whether the filter is stretched where the data shrinks
     * @param axes the axes that are resized
     * @param cubicCoeffA the coefficient a of cubic convolution
     * @param excludeOutside whether elements outside of the data have no weight
     * @param extrapolationValue the value outside of the data
     * @param policy the meaning of sizes
     */
    public Resize {
        axes = List.copyOf(axes);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static Resize of(Attributes a) {
        Mode mode = ImageOperands.choice(SCHEMA, a, "mode", Mode.NEAREST);
        boolean antialias = a.flag("antialias", false);
        if (antialias && mode == Mode.NEAREST) {
            throw ImageOperands.invalid(
                    SCHEMA, "attribute 'antialias' is 1 with mode 'nearest'", "mode 'linear' or 'cubic'");
        }
        return new Resize(
                mode,
                ImageOperands.choice(SCHEMA, a, "coordinate_transformation_mode", Coordinates.HALF_PIXEL),
                ImageOperands.choice(SCHEMA, a, "nearest_mode", Nearest.ROUND_PREFER_FLOOR),
                antialias,
                a.integers("axes", List.of()),
                a.real("cubic_coeff_a", STANDARD_A),
                a.flag("exclude_outside", false),
                a.real("extrapolation_value", 0),
                ImageOperands.choice(SCHEMA, a, "keep_aspect_ratio_policy", Policy.STRETCH));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("mode", ImageOperands.text(mode), ImageOperands.text(Mode.NEAREST))
                .unless(
                        "coordinate_transformation_mode",
                        ImageOperands.text(coordinates),
                        ImageOperands.text(Coordinates.HALF_PIXEL))
                .unless("nearest_mode", ImageOperands.text(nearest), ImageOperands.text(Nearest.ROUND_PREFER_FLOOR))
                .unless("antialias", antialias, false)
                .unless("axes", axes, List.of())
                .unless("cubic_coeff_a", cubicCoeffA, STANDARD_A)
                .unless("exclude_outside", excludeOutside, false)
                .unless("extrapolation_value", extrapolationValue, 0f)
                .unless("keep_aspect_ratio_policy", ImageOperands.text(policy), ImageOperands.text(Policy.STRETCH));
    }

    @Override
    public Numerics numerics() {
        return mode == Mode.NEAREST ? Numerics.EXACT : NUMERICS;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireNumbers(c, mode, Mode.NEAREST);
        Shape x = c.shape(0);
        if (absent(c, 2) == absent(c, 3)
                && (absent(c, 2) || c.shape(2).isKnown() && c.shape(3).isKnown())) {
            throw c.error(absent(c, 2) ? "neither scales nor sizes" : "both scales and sizes", "one of them", null);
        }
        if (!x.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), x);
        }
        int[] at = ImageOperands.axes(c, axes, x);
        if (coordinates == Coordinates.TF_CROP_AND_RESIZE) {
            checkLength(c, 1, "roi", 2 * at.length);
        }
        List<Dim> dims = new ArrayList<>(x.dims());
        if (absent(c, 3)) {
            scale(c, at, dims);
        } else if (absent(c, 2)) {
            size(c, at, dims);
        } else {
            Arrays.stream(at).forEach(axis -> dims.set(axis, c.freshDim()));
        }
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    /** Whether an operand is left out, or empty: models before version 13 leave operands out so. */
    private static boolean absent(InferContext c, int i) {
        return !c.has(i) || c.shape(i).isKnown() && c.shape(i).knownElements() == 0;
    }

    private static void checkLength(InferContext c, int i, String name, int length) {
        if (!c.has(i)) {
            throw c.error("no '" + name + "'", length + " numbers", null);
        }
        Shape s = c.shape(i);
        if (s.hasRank() && s.rank() != 1 || s.isKnown() && s.knownElements() != length) {
            throw c.error("'" + name + "' of shape " + s, "[" + length + "]", null);
        }
    }

    private static void scale(InferContext c, int[] at, List<Dim> dims) {
        checkLength(c, 2, "scales", at.length);
        Tensor scales = c.constant(2);
        for (int i = 0; i < at.length; i++) {
            Dim d = dims.get(at[i]);
            if (scales == null) {
                dims.set(at[i], c.freshDim());
                continue;
            }
            float scale = scales.getFloat(i);
            if (!(scale > 0) || scale == Float.POSITIVE_INFINITY) {
                throw c.error("'scales' holds " + scale, "finite numbers above 0", null);
            }
            dims.set(at[i], scaled(c, d, scale));
        }
    }

    private static Dim scaled(InferContext c, Dim d, float scale) {
        float inverse = 1 / scale;
        if (d.isKnown()) {
            return Dim.of((long) (d.value() * scale));
        }
        if (scale == Math.rint(scale) && scale < Integer.MAX_VALUE) {
            return Dims.compute(c, () -> d.times(Dim.of((long) scale)));
        }
        // The inverse of a power of 2 is exact.
        boolean power = Math.scalb(1f, Math.getExponent(inverse)) == inverse && inverse < Integer.MAX_VALUE;
        return power && inverse > 1 ? Dims.compute(c, () -> d.floorDiv(Dim.of((long) inverse))) : c.freshDim();
    }

    private void size(InferContext c, int[] at, List<Dim> dims) {
        checkLength(c, 3, "sizes", at.length);
        List<Dim> sizes = c.symbolic(3);
        if (sizes == null) {
            Arrays.stream(at).forEach(axis -> dims.set(axis, c.freshDim()));
            return;
        }
        for (int i = 0; i < at.length; i++) {
            if (sizes.get(i).orElse(0) < 0) {
                throw c.error("'sizes' " + sizes + " holds " + sizes.get(i), "0 and above", null);
            }
        }
        if (policy == Policy.STRETCH) {
            for (int i = 0; i < at.length; i++) {
                dims.set(at[i], sizes.get(i));
            }
            return;
        }
        boolean known = sizes.stream().allMatch(Dim::isKnown)
                && Arrays.stream(at).allMatch(axis -> dims.get(axis).isKnown());
        double ratio = known ? commonScale(at, dims, sizes) : 0;
        for (int axis : at) {
            // round_int of the standard: halfway cases go up.
            dims.set(
                    axis,
                    known ? Dim.of((long) Math.floor(ratio * dims.get(axis).value() + 0.5)) : c.freshDim());
        }
    }

    private double commonScale(int[] at, List<Dim> dims, List<Dim> sizes) {
        double common = policy == Policy.NOT_LARGER ? Double.POSITIVE_INFINITY : 0;
        for (int i = 0; i < at.length; i++) {
            double scale =
                    sizes.get(i).value() / (double) Math.max(1, dims.get(at[i]).value());
            common = policy == Policy.NOT_LARGER ? Math.min(common, scale) : Math.max(common, scale);
        }
        return Double.isInfinite(common) ? 1 : common;
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(type);
        if (y.size() == 0) {
            return List.of(y);
        }
        if (x.size() == 0) {
            throw in.error("X of shape " + x.shape() + " for Y of shape " + y.shape(), "an X with elements", null);
        }
        ResizeAxis[] along = axesOf(x.dims(), y.dims(), in.tensorOrNull(1), in.tensorOrNull(2), in.tensorOrNull(3));
        new ResizeLoop(this, x, y, along).run();
        return List.of(y);
    }

    /**
     * The elements of the data that make the elements of the result, and their weights, axis by axis.
     *
     * @param x the dimensions of the data, each at least 1
     * @param y the dimensions of the result, as {@link #infer} gives them
     * @param roi the region of interest, or null if there is none
     * @param scales the scales, or null if the result was given by sizes
     * @param sizes the sizes, or null; without effect for scales, and for policy stretch
     * @return the taps of each axis; empty if an element of the result is outside of the data, or the axes are too
     *     long for a table
     */
    @SuppressWarnings("exports")
    public Optional<List<ResizeTaps>> taps(long[] x, long[] y, Tensor roi, Tensor scales, Tensor sizes) {
        List<ResizeTaps> taps = new ArrayList<>();
        for (ResizeAxis axis : axesOf(x, y, roi, scales, sizes)) {
            ResizeTaps t = axis.list();
            if (t == null) {
                return Optional.empty();
            }
            taps.add(t);
        }
        return Optional.of(taps);
    }

    private ResizeAxis[] axesOf(long[] x, long[] y, Tensor roi, Tensor scales, Tensor sizes) {
        int rank = x.length;
        int[] at = axes.isEmpty() ? allAxes(rank) : given(rank);
        ResizeAxis[] result = new ResizeAxis[rank];
        boolean bySize = scales == null || scales.size() == 0;
        double common = 0;
        if (bySize && policy != Policy.STRETCH) {
            List<Dim> wanted =
                    Arrays.stream(sizes.toLongArray()).mapToObj(Dim::of).toList();
            common = commonScale(at, Arrays.stream(x).mapToObj(Dim::of).toList(), wanted);
        }
        for (int axis = 0; axis < rank; axis++) {
            result[axis] = ResizeAxis.untouched(this, x[axis]);
        }
        for (int i = 0; i < at.length; i++) {
            int axis = at[i];
            double scale =
                    !bySize ? scales.getDouble(i) : common > 0 ? common : y[axis] / (double) Math.max(1, x[axis]);
            boolean crop = coordinates == Coordinates.TF_CROP_AND_RESIZE;
            result[axis] = new ResizeAxis(
                    this,
                    x[axis],
                    y[axis],
                    scale,
                    crop ? roi.getDouble(i) : 0,
                    crop ? roi.getDouble(i + at.length) : 1);
        }
        return result;
    }

    /** The axes that are given, which {@link #infer} has checked. */
    private int[] given(int rank) {
        return axes.stream()
                .mapToInt(axis -> (int) (axis < 0 ? axis + rank : axis))
                .toArray();
    }

    private static int[] allAxes(int rank) {
        int[] all = new int[rank];
        Arrays.setAll(all, i -> i);
        return all;
    }
}
