package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples images at the positions of a grid, which go from -1 to 1 along each axis, the innermost axis first. Any
 * number of spatial axes. For mode nearest, positions are computed in float32 unless the grid is of float64, and halves
 * go to the even element. A NaN position is outside of the image for padding zeros, and on the first element for the
 * other paddings.
 *
 * @param mode how values between elements are interpolated
 * @param padding the values outside of the image
 * @param alignCorners whether -1 and 1 are the centres of the outermost elements, instead of their outer edges
 */
public record GridSample(Mode mode, Padding padding, boolean alignCorners) implements Op {
    /** How values between elements are interpolated. */
    public enum Mode {
        /** Linear along each axis. */
        LINEAR,
        /** The nearest element. */
        NEAREST,
        /** Cubic convolution along each axis, with a = -0.75. */
        CUBIC
    }

    /** The values outside of the image. */
    public enum Padding {
        /** Zeros. */
        ZEROS,
        /** The outermost elements. */
        BORDER,
        /** The image, mirrored at its border again and again. */
        REFLECTION
    }

    /** Inputs: X [n, c, ...], grid [n, ..., r] for r spatial axes; output Y [n, c, ...], of the grid's dimensions. */
    public static final OpSchema SCHEMA = OpSchema.of("GridSample")
            .input("X", "T1")
            .input("grid", "T2")
            .output("Y", "T1")
            .where("T1", ImageOperands.MOVABLE)
            .where("T2", Types.FLOATS);

    private static final double CUBIC_A = -0.75;
    private static final Numerics NUMERICS = Numerics.sum(16);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static GridSample of(Attributes a) {
        return new GridSample(
                ImageOperands.choice(SCHEMA, a, "mode", Mode.LINEAR),
                ImageOperands.choice(SCHEMA, a, "padding_mode", Padding.ZEROS),
                a.flag("align_corners", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("mode", ImageOperands.text(mode), ImageOperands.text(Mode.LINEAR))
                .unless("padding_mode", ImageOperands.text(padding), ImageOperands.text(Padding.ZEROS))
                .unless("align_corners", alignCorners, false);
    }

    @Override
    public Numerics numerics() {
        return mode == Mode.NEAREST ? Numerics.EXACT : NUMERICS;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireNumbers(c, mode, Mode.NEAREST);
        Shape x = c.shape(0);
        Shape grid = c.shape(1);
        if (x.hasRank() && x.rank() < 3) {
            throw c.error("X of shape " + x, "rank 3 or more: instances, channels, spatial axes", null);
        }
        if (x.hasRank() && grid.hasRank() && x.rank() != grid.rank()) {
            throw c.error("grid of shape " + grid + " for X of shape " + x, "the rank of X", null);
        }
        if (!x.hasRank() || !grid.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), Shape.unknownRank());
        }
        ImageOperands.same(
                c, grid.dim(-1), Dim.of(x.rank() - 2L), "the last dimension of the grid and the spatial axes");
        List<Dim> dims = new ArrayList<>();
        dims.add(ImageOperands.same(c, x.dim(0), grid.dim(0), "instances of X and of the grid"));
        dims.add(x.dim(1));
        dims.addAll(grid.dims().subList(1, grid.rank() - 1));
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor grid = in.tensor(1);
        Tensor y = ImageOperands.allocate(type);
        if (y.size() == 0) {
            return List.of(y);
        }
        long[] image = ImageOperands.spatial(x);
        long pixels = RowMajor.size(image);
        if (pixels == 0 && padding != Padding.ZEROS) {
            throw in.error("X of shape " + x.shape(), "an image with elements", "padding_mode 'zeros'");
        }
        long places = y.size() / y.dim(0) / y.dim(1);
        double[] place = new double[image.length];
        for (long i = 0; i < x.dim(0) * places; i++) {
            for (int d = 0; d < place.length; d++) {
                place[d] = place(grid, (i + 1) * place.length - 1 - d, image[d]);
            }
            for (long channel = 0; channel < x.dim(1); channel++) {
                long at = i / places * x.dim(1) + channel;
                sample(x, at * pixels, image, place, y, at * places + i % places);
            }
        }
        return List.of(y);
    }

    /** The position of a number of the grid on an axis, in elements. */
    private double place(Tensor grid, long i, long dim) {
        double place;
        if (mode == Mode.NEAREST && grid.dtype() != DType.FLOAT64) {
            float g = grid.getFloat(i);
            place = alignCorners ? (g + 1) / 2 * (dim - 1) : ((g + 1) * dim - 1) / 2;
        } else {
            double g = grid.getDouble(i);
            place = alignCorners ? (g + 1) / 2 * (dim - 1) : ((g + 1) * dim - 1) / 2;
        }
        if (mode == Mode.NEAREST) {
            place = Math.rint(place);
        }
        if (Double.isNaN(place)) {
            return padding == Padding.ZEROS ? Double.NEGATIVE_INFINITY : 0;
        }
        double edge = alignCorners ? 0 : 0.5;
        if (place >= -edge && place <= dim - 1 + edge) {
            return place;
        }
        return switch (padding) {
            case ZEROS -> place;
            case BORDER -> Math.clamp(place, 0, dim - 1);
            case REFLECTION -> reflect(place, dim);
        };
    }

    /** Mirrors a position at the borders until it is between them. */
    private double reflect(double place, long dim) {
        double edge = alignCorners ? 0 : 0.5;
        double range = dim - 1 + 2 * edge;
        if (!(range > 0) || Double.isInfinite(place)) {
            return 0;
        }
        double from = Math.abs(place + edge) % (2 * range);
        return (from <= range ? from : 2 * range - from) - edge;
    }

    private void sample(Tensor x, long image, long[] dims, double[] place, Tensor y, long to) {
        if (mode == Mode.NEAREST) {
            long at = 0;
            for (int d = 0; d < dims.length; d++) {
                long i = element((long) place[d], place[d], dims[d]);
                if (i < 0) {
                    return;
                }
                at = at * dims[d] + i;
            }
            x.copyElementTo(image + at, y, to);
        } else {
            y.setDouble(to, sum(x, image, dims, place, 0, 0));
        }
    }

    private double sum(Tensor x, long image, long[] dims, double[] place, int axis, long at) {
        if (axis == dims.length) {
            return x.getDouble(image + at);
        }
        double base = Math.floor(place[axis]);
        double[] weights = weights(place[axis] - base);
        long first = (long) base - (weights.length / 2 - 1);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            long e = weights[i] == 0 ? -1 : element(first + i, place[axis], dims[axis]);
            if (e >= 0) {
                sum += weights[i] * sum(x, image, dims, place, axis + 1, at * dims[axis] + e);
            }
        }
        return sum;
    }

    private double[] weights(double ratio) {
        return mode == Mode.CUBIC ? ImageOperands.cubic(ratio, CUBIC_A) : new double[] {1 - ratio, ratio};
    }

    /** The element for a position that may be outside, or -1 for a zero. */
    private long element(long i, double place, long dim) {
        if (i >= 0 && i < dim) {
            return i;
        }
        return switch (padding) {
            case ZEROS -> -1;
            case BORDER -> Math.clamp(i, 0, dim - 1);
            case REFLECTION -> Double.isInfinite(place) ? 0 : Math.clamp((long) reflect(i, dim), 0, dim - 1);
        };
    }
}
