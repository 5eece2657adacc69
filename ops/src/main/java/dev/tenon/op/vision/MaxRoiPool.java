package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Pools each region of interest of an image into a grid of maxima (Girshick, Fast R-CNN, 2015). Corners are scaled and
 * rounded, halves away from 0. Bins are as large as it takes to cover the region. A bin without elements gives 0.
 * Positions are computed in float64 for float64, otherwise in float32, as ONNX Runtime does.
 *
 * @param pooledHeight the rows of the grid, at least 1
 * @param pooledWidth its columns, at least 1
 * @param spatialScale the factor from coordinates of regions to those of X
 */
public record MaxRoiPool(long pooledHeight, long pooledWidth, float spatialScale) implements Op {
    /** Inputs X [n, c, h, w], rois [r, 5]: the image, x1, y1, x2, y2; output Y [r, c, pooled height, pooled width]. */
    public static final OpSchema SCHEMA = OpSchema.of("MaxRoiPool")
            .input("X", "T")
            .input("rois", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if pooled_shape is missing or a value is not allowed
     */
    public static MaxRoiPool of(Attributes a) {
        List<Long> shape = ImageOperands.list(SCHEMA, a, "pooled_shape", 1);
        if (shape.size() != 2) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'pooled_shape' is " + shape, "a height and a width");
        }
        return new MaxRoiPool(shape.get(0), shape.get(1), a.real("spatial_scale", 1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("pooled_shape", List.of(pooledHeight, pooledWidth))
                .unless("spatial_scale", spatialScale, 1f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireRank(c, 0, "X", 4);
        ImageOperands.requireRank(c, 1, "rois", 2);
        Shape x = c.shape(0);
        Shape rois = c.shape(1);
        if (rois.hasRank()) {
            ImageOperands.same(c, rois.dim(1), Dim.of(5), "the columns of rois and the numbers of a region");
        }
        List<Dim> dims = new ArrayList<>();
        dims.add(rois.hasRank() ? rois.dim(0) : c.freshDim());
        dims.add(x.hasRank() ? x.dim(1) : c.freshDim());
        dims.add(Dim.of(pooledHeight));
        dims.add(Dim.of(pooledWidth));
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor rois = in.tensor(1);
        Tensor y = ImageOperands.allocate(type);
        long plane = pooledHeight * pooledWidth;
        for (long i = 0; i < y.size(); i++) {
            long roi = i / plane / y.dim(1);
            double image = rois.getDouble(5 * roi);
            if (!(image >= 0 && image < x.dim(0))) {
                throw in.error("'rois' names image " + image, "[0, " + (x.dim(0) - 1) + "]", null);
            }
            long[] columns = bin(rois, 5 * roi + 1, i % pooledWidth, pooledWidth, x.dim(3));
            long[] rows = bin(rois, 5 * roi + 2, i % plane / pooledWidth, pooledHeight, x.dim(2));
            long base = (((long) image) * x.dim(1) + i / plane % y.dim(1)) * x.dim(2) * x.dim(3);
            y.setDouble(i, maximum(x, base, rows, columns));
        }
        return List.of(y);
    }

    /** The elements of a bin along one axis: the first, and the one after the last. */
    private long[] bin(Tensor rois, long corner, long i, long bins, long dim) {
        float first = round(rois.getFloat(corner) * spatialScale);
        float last = round(rois.getFloat(corner + 2) * spatialScale);
        float size = Math.max(last - first + 1, 1) / bins;
        double from = Math.floor(i * size) + first;
        double to = Math.ceil((i + 1) * size) + first;
        return new long[] {(long) Math.clamp(from, 0, dim), (long) Math.clamp(to, 0, dim)};
    }

    private static float round(float v) {
        return (float) (Math.signum(v) * Math.floor(Math.abs(v) + 0.5));
    }

    private static double maximum(Tensor x, long base, long[] rows, long[] columns) {
        if (rows[1] <= rows[0] || columns[1] <= columns[0]) {
            return 0;
        }
        double best = Double.NEGATIVE_INFINITY;
        for (long r = rows[0]; r < rows[1]; r++) {
            for (long c = columns[0]; c < columns[1]; c++) {
                best = Math.max(best, x.getDouble(base + r * x.dim(3) + c));
            }
        }
        return best;
    }
}
