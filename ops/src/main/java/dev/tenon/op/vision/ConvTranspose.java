package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.op.geometry.Convolution;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Transposed convolution, the adjoint of convolution: each element of the input adds its multiple of the kernel to a
 * window of the output. If the given output shape is larger than the windows reach, the bias fills the rest.
 *
 * @param window how the kernel slides over the output; its ceil mode is without effect
 * @param group the number of groups of channels, at least 1
 * @param outputPadding elements added at the end of each spatial axis, each at least 0; none if empty
 * @param outputShape the spatial dimensions of the output, which determine the padding; empty to use the padding of the
 *     window
 */
public record ConvTranspose(WindowAttributes window, long group, List<Long> outputPadding, List<Long> outputShape)
        implements Op {
    /** Inputs X [n, c, ...], W [c, m / group, ...] and optionally B [m]; output Y [n, m, ...]. */
    public static final OpSchema SCHEMA = OpSchema.of("ConvTranspose")
            .input("X", "T")
            .input("W", "T")
            .optional("B", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(16));

    /**
     * An operator.
     *
     * @param window how the kernel slides over the output
     * @param group the number of groups of channels
     * @param outputPadding elements added at the end of each spatial axis
     * @param outputShape the spatial dimensions of the output
     */
    public ConvTranspose {
        outputPadding = List.copyOf(outputPadding);
        outputShape = List.copyOf(outputShape);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static ConvTranspose of(Attributes a) {
        return new ConvTranspose(
                WindowAttributes.of(SCHEMA, a),
                Convolution.group(SCHEMA, a),
                ImageOperands.list(SCHEMA, a, "output_padding", 0),
                ImageOperands.list(SCHEMA, a, "output_shape", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes()
                .unless("group", group, 1L)
                .unless("output_padding", outputPadding, List.of())
                .unless("output_shape", outputShape, List.of());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape w = c.shape(1);
        if (x.hasRank() && x.rank() < 3) {
            throw c.error("X of shape " + x, "rank 3 or more: instances, channels, spatial axes", null);
        }
        if (w.hasRank() && (w.rank() < 3 || x.hasRank() && w.rank() != x.rank())) {
            throw c.error("W of shape " + w + " for X of shape " + x, "the rank of X, 3 or more", null);
        }
        if (!x.hasRank() || !w.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), Shape.unknownRank());
        }
        Dim channels = ImageOperands.same(c, x.dim(1), w.dim(0), "channels of X and of W");
        if (channels.isKnown() && channels.value() % group != 0) {
            throw c.error("X of shape " + x, "a multiple of group, " + group + ", in the second dimension", null);
        }
        Dim m = Dims.compute(c, () -> w.dim(1).times(Dim.of(group)));
        if (c.has(2)) {
            ImageOperands.requireRank(c, 2, "B", 1);
            if (c.shape(2).hasRank()) {
                ImageOperands.same(c, c.shape(2).dim(0), m, "the length of B and the channels of Y");
            }
        }
        int axes = x.rank() - 2;
        checkAttributes(c, w, axes);
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), m));
        for (int i = 0; i < axes; i++) {
            dims.add(size(c, i, x.dim(i + 2), w.dim(i + 2)));
        }
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    private void checkAttributes(InferContext c, Shape w, int axes) {
        checkLength(c, "kernel_shape", window.kernelShape(), axes);
        checkLength(c, "strides", window.strides(), axes);
        checkLength(c, "dilations", window.dilations(), axes);
        checkLength(c, "pads", window.pads(), 2 * axes);
        checkLength(c, "output_padding", outputPadding, axes);
        // Older exporters gave the whole shape, with batch and channels.
        if (outputShape.size() != axes + 2) {
            checkLength(c, "output_shape", outputShape, axes);
        }
        for (int i = 0; i < window.kernelShape().size(); i++) {
            Dim k = w.dim(i + 2);
            if (k.isKnown() && k.value() != window.kernelShape().get(i)) {
                throw c.error("attribute 'kernel_shape' is " + window.kernelShape(), "that of W " + w, null);
            }
        }
        for (int i = 0; i < axes; i++) {
            if (w.dim(i + 2).orElse(1) == 0) {
                throw c.error("W of shape " + w, "a kernel with elements", null);
            }
        }
    }

    private static void checkLength(InferContext c, String name, List<Long> values, int length) {
        if (!values.isEmpty() && values.size() != length) {
            throw c.error("attribute '" + name + "' is " + values, length + " numbers", null);
        }
    }

    /** The dimension of the output along a spatial axis. */
    private Dim size(InferContext c, int i, Dim in, Dim kernel) {
        Dim reach = reach(c, i, in, kernel);
        if (!outputShape.isEmpty()) {
            return Dim.of(outputShape.get(outputShape.size() - c.shape(0).rank() + 2 + i));
        }
        Dim stride = Dim.of(ImageOperands.at(window.strides(), i, 1));
        if (window.autoPad() == AutoPad.SAME_UPPER || window.autoPad() == AutoPad.SAME_LOWER) {
            return Dims.compute(c, () -> in.times(stride));
        }
        boolean padded = window.autoPad() == AutoPad.NOTSET && !window.pads().isEmpty();
        Dim begin = Dim.of(padded ? window.pads().get(i) : 0);
        Dim end = Dim.of(padded ? window.pads().get(i + window.pads().size() / 2) : 0);
        Dim size = Dims.compute(c, () -> reach.minus(begin).minus(end));
        if (size.orElse(0) < 0) {
            throw c.error("pads " + window.pads() + " of an axis of " + reach + " elements", "less", null);
        }
        return size;
    }

    /** The number of elements that the windows cover along a spatial axis, and the output padding. */
    private Dim reach(InferContext c, int i, Dim in, Dim kernel) {
        Dim one = Dim.of(1);
        Dim stride = Dim.of(ImageOperands.at(window.strides(), i, 1));
        Dim dilation = Dim.of(ImageOperands.at(window.dilations(), i, 1));
        Dim added = Dim.of(ImageOperands.at(outputPadding, i, 0));
        return Dims.compute(
                c,
                () -> in.minus(one)
                        .times(stride)
                        .plus(added)
                        .plus(kernel.minus(one).times(dilation))
                        .plus(one));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor w = in.tensor(1);
        Tensor bias = in.tensorOrNull(2);
        Tensor y = ImageOperands.allocate(type);
        if (y.size() == 0) {
            return List.of(y);
        }
        Tensor sums = Tensor.allocate(DType.FLOAT64, y.dims());
        if (x.size() > 0 && w.size() > 0) {
            add(x, w, sums);
        }
        long pixels = RowMajor.size(ImageOperands.spatial(y));
        for (long i = 0; i < y.size(); i++) {
            double start = bias == null ? 0 : bias.getDouble(i / pixels % y.dim(1));
            y.setDouble(i, start + sums.getDouble(i));
        }
        return List.of(y);
    }

    private void add(Tensor x, Tensor w, Tensor sums) {
        long[] kernel = ImageOperands.spatial(w);
        WindowGrid grid = WindowGrid.transposed(
                window, outputPadding, outputShape, ImageOperands.spatial(x), kernel, ImageOperands.spatial(sums));
        Taps taps = Taps.of("ConvTranspose", grid, kernel);
        long outputs = w.dim(1);
        long channels = x.dim(1) / group;
        long elements = RowMajor.size(kernel);
        for (long i = 0; i < grid.windows(); i++) {
            taps.collect(grid, i);
            for (long plane = 0; plane < sums.dim(0) * sums.dim(1); plane++) {
                long m = plane % sums.dim(1);
                long first = m / outputs * channels;
                for (int t = 0; t < taps.count(); t++) {
                    double sum = 0;
                    for (long c = first; c < first + channels; c++) {
                        long at = (plane / sums.dim(1) * x.dim(1) + c) * grid.windows() + i;
                        sum += x.getDouble(at) * w.getDouble((c * outputs + m % outputs) * elements + taps.kernel(t));
                    }
                    long to = plane * grid.pixels() + taps.pixel(t);
                    sums.setDouble(to, sums.getDouble(to) + sum);
                }
            }
        }
    }
}
