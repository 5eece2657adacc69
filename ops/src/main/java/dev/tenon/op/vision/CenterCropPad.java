package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
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
import java.util.Arrays;
import java.util.List;

/**
 * Crops and pads a tensor to given dimensions, around its centre. Where it is larger, its middle is cut out. Where it
 * is smaller, it is put in the middle of zeros. If the difference is odd, the end gets one element more.
 *
 * @param axes the axes that the given dimensions are for, each in [-rank, rank-1]; empty for all
 */
public record CenterCropPad(List<Long> axes) implements Op {
    /** Inputs: the data; the dimensions of the result along the axes, of rank 1. Output: the result. */
    public static final OpSchema SCHEMA = OpSchema.of("CenterCropPad")
            .input("input_data", "T")
            .input("shape", "Tind")
            .output("output_data", "T")
            .where("T", ImageOperands.MOVABLE)
            .where("Tind", Types.INDICES);

    /**
     * An operator.
     *
     * @param axes the axes that the given dimensions are for
     */
    public CenterCropPad {
        axes = List.copyOf(axes);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static CenterCropPad of(Attributes a) {
        return new CenterCropPad(a.integers("axes", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axes", axes, List.of());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        List<Dim> sizes = ImageOperands.vector(c, 1, "shape");
        if (!x.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), x);
        }
        int[] at = ImageOperands.axes(c, axes, x);
        int length = sizes != null ? sizes.size() : ImageOperands.length(c, 1);
        if (length >= 0 && length != at.length) {
            throw c.error("'shape' of " + length + " elements", Integer.toString(at.length), null);
        }
        List<Dim> dims = new ArrayList<>(x.dims());
        for (int i = 0; i < at.length; i++) {
            if (sizes != null && sizes.get(i).orElse(0) < 0) {
                throw c.error("'shape' " + sizes + " holds " + sizes.get(i), "0 and above", null);
            }
            dims.set(at[i], sizes == null ? c.freshDim() : sizes.get(i));
        }
        return ImageOperands.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(type);
        long[] dims = y.dims();
        long[] shift = new long[dims.length];
        Arrays.setAll(shift, d -> x.dim(d) >= dims[d] ? (x.dim(d) - dims[d]) / 2 : -((dims[d] - x.dim(d)) / 2));
        long[] index = new long[dims.length];
        for (long j = 0; j < y.size(); j++) {
            long at = 0;
            for (int d = 0; d < dims.length && at >= 0; d++) {
                long i = index[d] + shift[d];
                at = i < 0 || i >= x.dim(d) ? -1 : at * x.dim(d) + i;
            }
            if (at >= 0) {
                x.copyElementTo(at, y, j);
            }
            RowMajor.advance(index, dims);
        }
        return List.of(y);
    }
}
