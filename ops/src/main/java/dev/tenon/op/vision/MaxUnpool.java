package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts maxima back where {@link dev.tenon.op.nn.MaxPool} found them, with zeros elsewhere. The indices are flat indices
 * of the shape that the attributes give. If the output shape is larger, that shape is its beginning.
 *
 * @param kernelShape the size of the window along each spatial axis, each at least 1
 * @param strides the steps of the window, each at least 1; all 1 if empty
 * @param pads the padding at the start of each spatial axis, then at the end of each; none if empty
 */
public record MaxUnpool(List<Long> kernelShape, List<Long> strides, List<Long> pads) implements Op {
    /** Inputs X [n, c, ...], I of its shape, optionally output_shape, of all axes; output of the rank of X. */
    public static final OpSchema SCHEMA = OpSchema.of("MaxUnpool")
            .input("X", "T1")
            .input("I", "T2")
            .optional("output_shape", "T2")
            .output("output", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INT64);

    /**
     * An operator.
     *
     * @param kernelShape the size of the window along each spatial axis
     * @param strides the steps of the window
     * @param pads the padding at the start of each spatial axis, then at the end of each
     */
    public MaxUnpool {
        kernelShape = List.copyOf(kernelShape);
        strides = List.copyOf(strides);
        pads = List.copyOf(pads);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if kernel_shape is missing or lengths or values do not fit
     */
    public static MaxUnpool of(Attributes a) {
        List<Long> kernel = ImageOperands.list(SCHEMA, a, "kernel_shape", 1);
        List<Long> strides = ImageOperands.list(SCHEMA, a, "strides", 1);
        List<Long> pads = ImageOperands.list(SCHEMA, a, "pads", 0);
        if (kernel.isEmpty()) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'kernel_shape' is missing", "a size for each spatial axis");
        }
        if (!strides.isEmpty() && strides.size() != kernel.size()
                || !pads.isEmpty() && pads.size() != 2 * kernel.size()) {
            throw ImageOperands.invalid(
                    SCHEMA,
                    "strides " + strides + " and pads " + pads + " for kernel_shape " + kernel,
                    "one stride and two pads for each axis");
        }
        return new MaxUnpool(kernel, strides, pads);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("kernel_shape", kernelShape)
                .unless("strides", strides, List.of())
                .unless("pads", pads, List.of());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape indices = c.shape(1);
        ImageOperands.requireRank(c, 0, "X", kernelShape.size() + 2);
        ImageOperands.requireRank(c, 1, "I", kernelShape.size() + 2);
        for (int i = 0; x.hasRank() && indices.hasRank() && i < x.rank(); i++) {
            ImageOperands.same(c, x.dim(i), indices.dim(i), "dimension " + i + " of X and of I");
        }
        List<Dim> pooled = x.hasRank() ? pooled(c, x) : null;
        if (!c.has(2)) {
            return ImageOperands.tensor(
                    c.dtype(0), pooled == null ? c.freshShape(kernelShape.size() + 2) : Shape.of(pooled));
        }
        List<Dim> given = ImageOperands.vector(c, 2, "output_shape");
        int length = given != null ? given.size() : ImageOperands.length(c, 2);
        if (length >= 0 && length != kernelShape.size() + 2) {
            throw c.error("'output_shape' of " + length + " elements", "the rank of X", null);
        }
        if (given == null) {
            return ImageOperands.tensor(c.dtype(0), c.freshShape(kernelShape.size() + 2));
        }
        for (int i = 0; i < given.size(); i++) {
            Dim least = pooled == null ? Dim.of(0) : pooled.get(i);
            if (given.get(i).isKnown()
                    && (given.get(i).value() < 0 || given.get(i).value() < least.orElse(0))) {
                throw c.error("'output_shape' " + given, "at least " + pooled, null);
            }
        }
        return ImageOperands.tensor(c.dtype(0), Shape.of(given));
    }

    /** The shape that the indices belong to. */
    private List<Dim> pooled(InferContext c, Shape x) {
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, 2));
        int axes = kernelShape.size();
        for (int i = 0; i < axes; i++) {
            int axis = i;
            Dim in = x.dim(i + 2);
            Dim size = Dims.compute(
                    c,
                    () -> in.minus(Dim.of(1))
                            .times(Dim.of(ImageOperands.at(strides, axis, 1)))
                            .plus(Dim.of(kernelShape.get(axis)))
                            .minus(Dim.of(ImageOperands.at(pads, axis, 0)))
                            .minus(Dim.of(ImageOperands.at(pads, axis + axes, 0))));
            if (size.orElse(0) < 0) {
                throw c.error("X of shape " + x + " unpooled to " + size + " elements", "0 and above", null);
            }
            dims.add(size);
        }
        return dims;
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor indices = in.tensor(1);
        Tensor y = ImageOperands.allocate(type);
        long[] pooled = x.dims();
        for (int i = 0; i < kernelShape.size(); i++) {
            pooled[i + 2] = (x.dim(i + 2) - 1) * ImageOperands.at(strides, i, 1)
                    + kernelShape.get(i)
                    - ImageOperands.at(pads, i, 0)
                    - ImageOperands.at(pads, i + kernelShape.size(), 0);
        }
        long total = RowMajor.size(pooled);
        for (long i = 0; i < x.size(); i++) {
            long index = indices.getLong(i);
            if (index < 0 || index >= total) {
                throw in.error("'I' holds " + index, "[0, " + (total - 1) + "]", null);
            }
            x.copyElementTo(i, y, moved(index, pooled, y.dims()));
        }
        return List.of(y);
    }

    /** The flat index in a larger shape of an element with the same index along each axis. */
    private static long moved(long index, long[] from, long[] to) {
        long at = 0;
        long stride = 1;
        long rest = index;
        for (int d = from.length - 1; d >= 0; d--) {
            at += rest % from[d] * stride;
            rest /= from[d];
            stride *= to[d];
        }
        return at;
    }
}
