package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Adds up blocks in an image, each at the position of its window. This is the adjoint of im2col, which takes the
 * windows of an image as columns.
 *
 * @param window how the window slides; its kernel shape, padding mode and ceil mode are without effect
 */
public record Col2Im(WindowAttributes window) implements Op {
    /**
     * Inputs: [n, c * elements of a block, blocks]; the spatial dimensions of the image; those of a block. Output: the
     * image, [n, c, ...].
     */
    public static final OpSchema SCHEMA = OpSchema.of("Col2Im")
            .input("input", "T")
            .input("image_shape", "I")
            .input("block_shape", "I")
            .output("output", "T")
            .where("T", Types.NUMBERS)
            .where("I", Types.INT64)
            .numerics(Numerics.sum(8));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static Col2Im of(Attributes a) {
        return new Col2Im(WindowAttributes.of(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireRank(c, 0, "input", 3);
        Shape x = c.shape(0);
        List<Dim> image = ImageOperands.vector(c, 1, "image_shape");
        List<Dim> block = ImageOperands.vector(c, 2, "block_shape");
        int axes = ImageOperands.length(c, 1);
        if (axes >= 0 && ImageOperands.length(c, 2) >= 0) {
            ImageOperands.same(
                    c, Dim.of(axes), Dim.of(ImageOperands.length(c, 2)), "the axes of image_shape and of block_shape");
        }
        if (axes < 0 && image == null) {
            return ImageOperands.tensor(c.dtype(0), Shape.unknownRank());
        }
        if (axes == 0) {
            throw c.error("'image_shape' without elements", "a dimension for each spatial axis", null);
        }
        List<Dim> dims = new ArrayList<>();
        dims.add(x.hasRank() ? x.dim(0) : c.freshDim());
        dims.add(x.hasRank() && block != null ? channels(c, x, block) : c.freshDim());
        if (image == null) {
            dims.addAll(c.freshShape(axes).dims());
        } else {
            checkPositive(c, "image_shape", image, 0);
            dims.addAll(image);
        }
        Shape y = Shape.of(dims);
        if (image != null && block != null) {
            checkBlocks(c, x, y, block);
        }
        return ImageOperands.tensor(c.dtype(0), y);
    }

    private static void checkPositive(InferContext c, String name, List<Dim> dims, long least) {
        for (Dim d : dims) {
            if (d.orElse(least) < least) {
                throw c.error("'" + name + "' " + dims + " holds " + d, least + " and above", null);
            }
        }
    }

    private static Dim channels(InferContext c, Shape x, List<Dim> block) {
        checkPositive(c, "block_shape", block, 1);
        Dim elements = Dims.compute(c, () -> Shape.of(block).elements());
        if (x.dim(1).isKnown() && elements.isKnown() && x.dim(1).value() % elements.value() != 0) {
            throw c.error("input of shape " + x, "a multiple of " + elements + " in the second dimension", null);
        }
        return Dims.compute(
                c,
                () -> x.dim(1)
                        .dividedExactlyBy(elements)
                        .orElseGet(() -> x.dim(1).floorDiv(elements)));
    }

    private void checkBlocks(InferContext c, Shape x, Shape y, List<Dim> block) {
        List<Dim> windows = WindowGrid.infer(plain(), c, y, block);
        Dim blocks = Dims.compute(c, () -> Shape.of(windows).elements());
        if (x.hasRank()) {
            ImageOperands.same(c, x.dim(2), blocks, "the blocks of input and of image_shape");
        }
    }

    /** The attributes of the window, without a shape: that is an operand. */
    private WindowAttributes plain() {
        return new WindowAttributes(
                WindowAttributes.AutoPad.NOTSET,
                Collections.emptyList(),
                window.strides(),
                window.pads(),
                window.dilations(),
                false);
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(type);
        long[] block = in.tensor(2).toLongArray();
        if (y.size() == 0 || x.size() == 0) {
            return List.of(y);
        }
        boolean real = y.dtype().isFloating();
        Tensor sums = real ? Tensor.allocate(DType.FLOAT64, y.dims()) : y;
        List<InferContext.Operand> known = List.of(new InferContext.Operand(x.type()));
        List<Dim> windows = WindowGrid.infer(
                plain(),
                new InferContext(this, "", known, 1, () -> Dim.of(0)),
                y.shape(),
                Arrays.stream(block).mapToObj(Dim::of).toList());
        WindowGrid grid = WindowGrid.of(
                plain(),
                ImageOperands.spatial(y),
                block,
                windows.stream().mapToLong(Dim::value).toArray());
        Taps taps = Taps.of("Col2Im", grid, block);
        long elements = RowMajor.size(block);
        for (long i = 0; i < grid.windows(); i++) {
            taps.collect(grid, i);
            for (long plane = 0; plane < y.dim(0) * y.dim(1); plane++) {
                for (int t = 0; t < taps.count(); t++) {
                    long from = (plane * elements + taps.kernel(t)) * grid.windows() + i;
                    long to = plane * grid.pixels() + taps.pixel(t);
                    if (real) {
                        sums.setDouble(to, sums.getDouble(to) + x.getDouble(from));
                    } else {
                        sums.setLong(to, sums.getLong(to) + x.getLong(from));
                    }
                }
            }
        }
        for (long i = 0; real && i < y.size(); i++) {
            y.setDouble(i, sums.getDouble(i));
        }
        return List.of(y);
    }
}
