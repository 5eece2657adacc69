package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Pools regions of interest. Each bin pools samples at evenly spaced positions, which are interpolated linearly (He et
 * al., Mask R-CNN, 2017). Samples more than one element outside of the image are 0. In mode max the value of a sample
 * is the largest of its four weighted neighbours, as in the standard. Corners are computed in float64 for float64,
 * otherwise in float32.
 *
 * @param mode how samples are pooled
 * @param coordinates whether coordinates are moved by half an element
 * @param outputHeight the rows of bins, at least 1
 * @param outputWidth the columns of bins, at least 1
 * @param samplingRatio samples of a bin along each axis; 0 for as many as it covers elements, rounded up
 * @param spatialScale the factor from coordinates of regions to those of X
 */
public record RoiAlign(
        Mode mode, Coordinates coordinates, long outputHeight, long outputWidth, long samplingRatio, float spatialScale)
        implements Op {
    /** How samples are pooled. */
    public enum Mode {
        /** Their average. */
        AVG,
        /** Their maximum. */
        MAX
    }

    /** Whether coordinates are moved. */
    public enum Coordinates {
        /** By half an element to the start. */
        HALF_PIXEL,
        /** Not moved, and regions are at least one element wide and high. */
        OUTPUT_HALF_PIXEL
    }

    /** Inputs X [n, c, h, w], rois [r, 4]: x1, y1, x2, y2, and batch_indices [r]; output Y [r, c, height, width]. */
    public static final OpSchema SCHEMA = OpSchema.of("RoiAlign")
            .input("X", "T1")
            .input("rois", "T1")
            .input("batch_indices", "T2")
            .output("Y", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INT64)
            .numerics(Numerics.sum(16));

    private static final double MOST_SAMPLES = 1 << 26;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static RoiAlign of(Attributes a) {
        return new RoiAlign(
                ImageOperands.choice(SCHEMA, a, "mode", Mode.AVG),
                ImageOperands.choice(SCHEMA, a, "coordinate_transformation_mode", Coordinates.HALF_PIXEL),
                atLeast(a, "output_height", 1, 1),
                atLeast(a, "output_width", 1, 1),
                atLeast(a, "sampling_ratio", 0, 0),
                a.real("spatial_scale", 1));
    }

    private static long atLeast(Attributes a, String name, long standard, long least) {
        long v = a.integer(name, standard);
        if (v < least) {
            throw ImageOperands.invalid(SCHEMA, "attribute '" + name + "' is " + v, least + " or more");
        }
        return v;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("mode", ImageOperands.text(mode), ImageOperands.text(Mode.AVG))
                .unless(
                        "coordinate_transformation_mode",
                        ImageOperands.text(coordinates),
                        ImageOperands.text(Coordinates.HALF_PIXEL))
                .unless("output_height", outputHeight, 1L)
                .unless("output_width", outputWidth, 1L)
                .unless("sampling_ratio", samplingRatio, 0L)
                .unless("spatial_scale", spatialScale, 1f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireRank(c, 0, "X", 4);
        ImageOperands.requireRank(c, 1, "rois", 2);
        ImageOperands.requireRank(c, 2, "batch_indices", 1);
        Shape x = c.shape(0);
        Shape rois = c.shape(1);
        Shape batch = c.shape(2);
        if (rois.hasRank()) {
            ImageOperands.same(c, rois.dim(1), Dim.of(4), "the columns of rois and the numbers of a region");
        }
        List<Dim> dims = new ArrayList<>();
        if (rois.hasRank() && batch.hasRank()) {
            dims.add(ImageOperands.same(c, rois.dim(0), batch.dim(0), "regions in rois and in batch_indices"));
        } else {
            dims.add(rois.hasRank() ? rois.dim(0) : batch.hasRank() ? batch.dim(0) : c.freshDim());
        }
        dims.add(x.hasRank() ? x.dim(1) : c.freshDim());
        dims.add(Dim.of(outputHeight));
        dims.add(Dim.of(outputWidth));
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    /** The bins of a region along one axis. */
    private record Bins(double start, double size, long samples) {
        double place(long bin, long sample) {
            return start + bin * size + (sample + 0.5) * size / samples;
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor rois = in.tensor(1);
        Tensor y = ImageOperands.allocate(type);
        long pixels = x.dim(2) * x.dim(3);
        long i = 0;
        for (long roi = 0; roi < y.dim(0); roi++) {
            long image = in.tensor(2).getLong(roi);
            if (image < 0 || image >= x.dim(0)) {
                throw in.error("'batch_indices' holds " + image, "[0, " + (x.dim(0) - 1) + "]", null);
            }
            Bins columns = bins(rois, 4 * roi, outputWidth);
            Bins rows = bins(rois, 4 * roi + 1, outputHeight);
            double samples = (double) rows.samples * columns.samples * outputHeight * outputWidth;
            if (samples > MOST_SAMPLES) {
                throw new ResourceLimitException(
                        "RoiAlign",
                        "region " + roi + " takes " + samples + " samples",
                        MOST_SAMPLES + " samples",
                        "give a sampling_ratio");
            }
            for (long channel = 0; channel < x.dim(1); channel++) {
                long base = (image * x.dim(1) + channel) * pixels;
                for (long bin = 0; bin < outputHeight * outputWidth; bin++) {
                    y.setDouble(i++, pool(x, base, rows, columns, bin / outputWidth, bin % outputWidth));
                }
            }
        }
        return List.of(y);
    }

    private Bins bins(Tensor rois, long corner, long count) {
        boolean half = coordinates == Coordinates.HALF_PIXEL;
        if (rois.dtype() == DType.FLOAT64) {
            double start = rois.getDouble(corner) * spatialScale - (half ? 0.5 : 0);
            double length = rois.getDouble(corner + 2) * spatialScale - (half ? 0.5 : 0) - start;
            double size = (half ? length : Math.max(length, 1)) / count;
            return new Bins(start, size, samplingRatio > 0 ? samplingRatio : (long) Math.max(0, Math.ceil(size)));
        }
        float start = rois.getFloat(corner) * spatialScale - (half ? 0.5f : 0);
        float length = rois.getFloat(corner + 2) * spatialScale - (half ? 0.5f : 0) - start;
        float size = (half ? length : Math.max(length, 1)) / count;
        return new Bins(start, size, samplingRatio > 0 ? samplingRatio : (long) Math.max(0, Math.ceil(size)));
    }

    private double pool(Tensor x, long base, Bins rows, Bins columns, long row, long column) {
        double result = mode == Mode.AVG ? 0 : Double.NEGATIVE_INFINITY;
        for (long r = 0; r < rows.samples; r++) {
            // Samples outside of the image read nothing.
            Operands.work(1 + columns.samples);
            for (long c = 0; c < columns.samples; c++) {
                double v = sample(x, base, rows.place(row, r), columns.place(column, c));
                result = mode == Mode.AVG ? result + v : Math.max(result, v);
            }
        }
        long count = rows.samples * columns.samples;
        if (count == 0) {
            return 0;
        }
        return mode == Mode.AVG ? result / count : result;
    }

    private double sample(Tensor x, long base, double row, double column) {
        long height = x.dim(2);
        long width = x.dim(3);
        if (!(row >= -1 && row <= height && column >= -1 && column <= width) || height * width == 0) {
            return 0;
        }
        double r = Math.clamp(row, 0, height - 1);
        double c = Math.clamp(column, 0, width - 1);
        long top = (long) r;
        long left = (long) c;
        long bottom = Math.min(top + 1, height - 1);
        long right = Math.min(left + 1, width - 1);
        double v1 = (1 - (r - top)) * (1 - (c - left)) * x.getDouble(base + top * width + left);
        double v2 = (1 - (r - top)) * (c - left) * x.getDouble(base + top * width + right);
        double v3 = (r - top) * (1 - (c - left)) * x.getDouble(base + bottom * width + left);
        double v4 = (r - top) * (c - left) * x.getDouble(base + bottom * width + right);
        return mode == Mode.AVG ? v1 + v2 + v3 + v4 : Math.max(Math.max(v1, v2), Math.max(v3, v4));
    }
}
