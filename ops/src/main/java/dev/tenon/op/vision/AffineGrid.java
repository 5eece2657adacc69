package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes grids for {@link GridSample}. Evenly spaced positions of an image or a volume are mapped by the affine matrix
 * of each instance. Along an axis of one element the position is -1 if corners are aligned, else 0.
 *
 * @param alignCorners whether -1 and 1 are the centres of the outermost elements, instead of their outer edges
 */
public record AffineGrid(boolean alignCorners) implements Op {
    /**
     * Inputs: theta [n, 2, 3] with size [n, c, h, w], or [n, 3, 4] with [n, c, d, h, w]. Output: grid [n, ..., 2 or 3].
     */
    public static final OpSchema SCHEMA = OpSchema.of("AffineGrid")
            .input("theta", "T1")
            .input("size", "T2")
            .output("grid", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INT64)
            .numerics(Numerics.sum(8));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static AffineGrid of(Attributes a) {
        return new AffineGrid(a.flag("align_corners", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("align_corners", alignCorners, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape theta = c.shape(0);
        ImageOperands.requireRank(c, 0, "theta", 3);
        List<Dim> size = ImageOperands.vector(c, 1, "size");
        int length = size != null ? size.size() : ImageOperands.length(c, 1);
        if (length >= 0 && length != 4 && length != 5) {
            throw c.error("'size' of " + length + " elements", "4 or 5", null);
        }
        if (length < 0 && theta.hasRank() && theta.dim(1).isKnown()) {
            length = Math.clamp(theta.dim(1).value(), 2, 3) + 2;
        }
        if (length < 0) {
            return ImageOperands.tensor(c.dtype(0), Shape.unknownRank());
        }
        if (theta.hasRank()) {
            ImageOperands.same(c, theta.dim(1), Dim.of(length - 2L), "the rows of theta and the axes of size");
            ImageOperands.same(
                    c, theta.dim(2), Dim.of(length - 1L), "the columns of theta and the axes of size plus 1");
        }
        List<Dim> dims = new ArrayList<>();
        if (size == null) {
            dims.addAll(c.freshShape(length - 1).dims());
            if (theta.hasRank()) {
                dims.set(0, theta.dim(0));
            }
        } else {
            for (Dim d : size) {
                if (d.orElse(0) < 0) {
                    throw c.error("'size' " + size + " holds " + d, "0 and above", null);
                }
            }
            dims.add(
                    theta.hasRank()
                            ? ImageOperands.same(c, theta.dim(0), size.get(0), "instances of theta and of size")
                            : size.get(0));
            dims.addAll(size.subList(2, length));
        }
        dims.add(Dim.of(length - 2L));
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor theta = in.tensor(0);
        Tensor grid = ImageOperands.allocate(in.inferOutputs().getFirst());
        long[] dims = grid.dims();
        int axes = dims.length - 2;
        long[] index = new long[dims.length];
        for (long j = 0; j < grid.size(); j++) {
            long row = (index[0] * axes + index[axes + 1]) * (axes + 1);
            double value = theta.getDouble(row + axes);
            for (int d = 0; d < axes; d++) {
                value += theta.getDouble(row + d) * place(index[axes - d], dims[axes - d]);
            }
            grid.setDouble(j, value);
            RowMajor.advance(index, dims);
        }
        return List.of(grid);
    }

    private double place(long i, long dim) {
        if (alignCorners) {
            return dim == 1 ? -1 : 2.0 * i / (dim - 1) - 1;
        }
        return (2 * i + 1.0) / dim - 1;
    }
}
