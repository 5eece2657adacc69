package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.Convolution;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Deformable convolution: an offset of its own moves each tap of the kernel, and the input is interpolated linearly at
 * the moved position. Positions outside of the input are 0. See Dai et al., Deformable convolutional networks, 2017,
 * and for the mask Zhu et al., 2018. Any number of spatial axes.
 *
 * @param window how the kernel slides
 * @param group the number of groups of channels, at least 1
 * @param offsetGroup the number of groups of channels that share offsets, at least 1
 */
public record DeformConv(WindowAttributes window, long group, long offsetGroup) implements Op {
    /**
     * Inputs X [n, c, ...], W [m, c / group, ...], offset [n, offset groups * taps * axes, ...], optionally B [m] and
     * mask [n, offset groups * taps, ...]; output Y [n, m, ...].
     */
    public static final OpSchema SCHEMA = OpSchema.of("DeformConv")
            .input("X", "T")
            .input("W", "T")
            .input("offset", "T")
            .optional("B", "T")
            .optional("mask", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static DeformConv of(Attributes a) {
        long offsetGroup = a.integer("offset_group", 1);
        if (offsetGroup < 1) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'offset_group' is " + offsetGroup, "1 or more");
        }
        return new DeformConv(WindowAttributes.of(SCHEMA, a), Convolution.group(SCHEMA, a), offsetGroup);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("group", group, 1L).unless("offset_group", offsetGroup, 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape w = c.shape(1);
        Shape y = Convolution.infer(c, x, w, window, group);
        if (!y.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), y);
        }
        if (x.dim(1).isKnown() && x.dim(1).value() % offsetGroup != 0) {
            throw c.error("X of shape " + x, "a multiple of offset_group, " + offsetGroup + ", channels", null);
        }
        Dim taps = Dim.of(offsetGroup);
        for (int i = 2; i < w.rank(); i++) {
            Dim before = taps;
            Dim k = w.dim(i);
            taps = Dims.compute(c, () -> before.times(k));
        }
        Dim all = taps;
        check(c, 2, "offset", y, Dims.compute(c, () -> all.times(Dim.of(x.rank() - 2L))));
        if (c.has(3)) {
            ImageOperands.requireRank(c, 3, "B", 1);
            if (c.shape(3).hasRank()) {
                ImageOperands.same(c, c.shape(3).dim(0), w.dim(0), "the length of B and the channels of Y");
            }
        }
        if (c.has(4)) {
            check(c, 4, "mask", y, taps);
        }
        return ImageOperands.tensor(c.dtype(0), y);
    }

    private static void check(InferContext c, int i, String name, Shape y, Dim channels) {
        ImageOperands.requireRank(c, i, name, y.rank());
        Shape s = c.shape(i);
        if (!s.hasRank()) {
            return;
        }
        ImageOperands.same(c, s.dim(1), channels, "channels of " + name + " and taps of the kernel");
        for (int d = 0; d < y.rank(); d++) {
            if (d != 1) {
                ImageOperands.same(c, s.dim(d), y.dim(d), "dimension " + d + " of " + name + " and of Y");
            }
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor y = ImageOperands.allocate(type);
        Tensor bias = in.tensorOrNull(3);
        Tensor w = in.tensor(1);
        if (y.size() == 0) {
            return List.of(y);
        }
        long[] kernel = ImageOperands.spatial(w);
        WindowGrid grid = WindowGrid.of(window, ImageOperands.spatial(in.tensor(0)), kernel, ImageOperands.spatial(y));
        Deformed deformed = new Deformed(in.tensor(0), w, in.tensor(2), in.tensorOrNull(4), grid, offsetGroup);
        long channels = w.dim(1);
        for (long i = 0; i < y.size(); i++) {
            long m = i / grid.windows() % y.dim(1);
            double sum = bias == null ? 0 : bias.getDouble(m);
            long first = m / (y.dim(1) / group) * channels;
            for (long c = 0; c < channels; c++) {
                sum += deformed.sum(i / grid.windows() / y.dim(1), first + c, m * channels + c, i % grid.windows());
            }
            y.setDouble(i, sum);
        }
        return List.of(y);
    }
}
