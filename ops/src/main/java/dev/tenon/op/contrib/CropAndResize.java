package dev.tenon.op.contrib;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Cuts boxes out of images and resizes them to one size. A box {@code [y1, x1, y2, x2]} is in units of the image's last
 * row and column. Its corners are the centres of the first and the last pixel of the crop; a crop of one row or column
 * takes the middle. A box may be flipped. Pixels outside of the image have the extrapolation value.
 *
 * @param bilinear whether neighbours are interpolated; otherwise the nearest pixel is taken, halves away from zero
 * @param extrapolation the value outside of the image
 */
public record CropAndResize(boolean bilinear, float extrapolation) implements Op {
    // A position is rounded to float32, which moves it by some ulps of the image's side.
    private static final Numerics NUMERICS = Numerics.sum(64);

    /**
     * Inputs X [n, c, h, w], rois [boxes, 4], batch_indices [boxes] into the images, crop_size: height and width; output
     * Y [boxes, c, height, width].
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "CropAndResize")
            .input("X", "T1")
            .input("rois", "T1")
            .input("batch_indices", "T2")
            .input("crop_size", "T2")
            .output("Y", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.set(DType.INT32))
            .numerics(NUMERICS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the mode is not known
     */
    public static CropAndResize of(Attributes a) {
        String mode = a.string("mode", "bilinear");
        if (!mode.equals("bilinear") && !mode.equals("nearest")) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "mode '" + mode + "'", "bilinear, nearest", null);
        }
        return new CropAndResize(mode.equals("bilinear"), a.real("extrapolation_value", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("mode", bilinear ? "bilinear" : "nearest", "bilinear")
                .unless("extrapolation_value", extrapolation, 0f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(4);
        OperandShape rois = OperandShape.of(c, 1).is(null, Dim.of(4));
        Dim boxes = OperandShape.either(
                rois.dim(0), OperandShape.of(c, 2).is(rois.dim(0)).dim(0));
        OperandShape.of(c, 3).is(Dim.of(2));
        long[] size = c.longs(3);
        for (int i = 0; size != null && i < 2; i++) {
            if (size[i] < 1) {
                throw c.error("crop_size [" + size[0] + ", " + size[1] + "]", "1 and above", null);
            }
        }
        return List.of(new TensorType(
                c.dtype(0),
                Shape.of(
                        OperandShape.orFresh(c, boxes),
                        OperandShape.orFresh(c, x.dim(1)),
                        size == null ? c.freshDim() : Dim.of(size[0]),
                        size == null ? c.freshDim() : Dim.of(size[1]))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), type.shape().toArray());
        long plane = y.dim(2) * y.dim(3);
        for (long i = 0; i < y.size(); i++) {
            long box = i / plane / y.dim(1);
            long image = in.tensor(2).getLong(box);
            if (image < 0 || image >= x.dim(0)) {
                throw in.error("batch_indices[" + box + "] is " + image, "[0, " + (x.dim(0) - 1) + "]", null);
            }
            double row = position(in.tensor(1), box, 0, i % plane / y.dim(3), y.dim(2), x.dim(2));
            double column = position(in.tensor(1), box, 1, i % y.dim(3), y.dim(3), x.dim(3));
            long at = (image * x.dim(1) + i / plane % y.dim(1)) * x.dim(2) * x.dim(3);
            y.setDouble(i, pixel(x, at, row, column));
        }
        return List.of(y);
    }

    /** The position of a pixel of the crop along an axis of the image. */
    private static double position(Tensor rois, long box, int axis, long pixel, long pixels, long side) {
        if (rois.dtype() == DType.FLOAT64) {
            double from = rois.getDouble(4 * box + axis);
            double to = rois.getDouble(4 * box + axis + 2);
            return pixels == 1
                    ? 0.5 * (from + to) * (side - 1)
                    : (from + pixel * (to - from) / (pixels - 1)) * (side - 1);
        }
        float from = rois.getFloat(4 * box + axis);
        float to = rois.getFloat(4 * box + axis + 2);
        float last = side - 1;
        if (pixels == 1) {
            return (float) (0.5 * (from + to) * last);
        }
        if (pixel == pixels - 1) {
            return to * last;
        }
        float step = (to - from) * last / (pixels - 1);
        return from * last + pixel * step;
    }

    private double pixel(Tensor x, long at, double row, double column) {
        long height = x.dim(2);
        long width = x.dim(3);
        if (!(row >= 0 && row <= height - 1 && column >= 0 && column <= width - 1)) {
            return extrapolation;
        }
        if (!bilinear) {
            // Halves are rounded away from zero, and positions are not negative.
            long r = (long) Math.floor(row + 0.5);
            return x.getDouble(at + r * width + (long) Math.floor(column + 0.5));
        }
        long top = at + (long) Math.floor(row) * width;
        long bottom = at + (long) Math.ceil(row) * width;
        double across = column - Math.floor(column);
        double upper = mix(x, top, column, across);
        double lower = mix(x, bottom, column, across);
        return upper + (lower - upper) * (row - Math.floor(row));
    }

    private static double mix(Tensor x, long line, double column, double across) {
        double left = x.getDouble(line + (long) Math.floor(column));
        double right = x.getDouble(line + (long) Math.ceil(column));
        return left + (right - left) * across;
    }
}
