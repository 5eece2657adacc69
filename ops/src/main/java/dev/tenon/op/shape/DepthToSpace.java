package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
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
import java.util.List;

/**
 * Moves channels to blocks of space: [n, c, h, w] becomes [n, c / b^2, h * b, w * b].
 *
 * @param blocksize b, at least 1
 * @param mode how a channel splits: DCR into (row, column, channel), CRD into (channel, row, column)
 */
public record DepthToSpace(int blocksize, String mode) implements Op {
    /** Parameters: a tensor of rank 4. */
    public static final OpSchema SCHEMA = OpSchema.of("DepthToSpace")
            .input("input", "T")
            .output("output", "T")
            .where("T", Types.ALL);

    /**
     * Checks the attributes.
     *
     * @param blocksize b, at least 1
     * @param mode DCR or CRD
     * @throws InvalidOperandException if they have other values
     */
    public DepthToSpace {
        if (blocksize < 1) {
            throw new InvalidOperandException("DepthToSpace", "blocksize " + blocksize, "1 and above", null);
        }
        if (!mode.equals("DCR") && !mode.equals("CRD")) {
            throw new InvalidOperandException("DepthToSpace", "mode '" + mode + "'", "DCR, CRD", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static DepthToSpace of(Attributes a) {
        return new DepthToSpace(a.int32("blocksize", 0), a.string("mode", "DCR"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("blocksize", blocksize).unless("mode", mode, "DCR");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), c.freshShape(4));
        }
        if (data.rank() != 4) {
            throw c.error("input of shape " + data, "rank 4", null);
        }
        Dim b = Dim.of(blocksize);
        Dim area = Dim.of((long) blocksize * blocksize);
        Shape out = Shape.of(
                data.dim(0),
                Sizes.quotient(c, data, 1, area),
                Dims.compute(c, () -> data.dim(2).times(b)),
                Dims.compute(c, () -> data.dim(3).times(b)));
        return Sizes.tensor(c.dtype(0), out);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor data = in.tensor(0);
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        long channels = out.dim(1);
        long[] dims = out.dims();
        long[] index = new long[4];
        for (long j = 0; j < out.size(); j++) {
            long block = index[2] % blocksize * blocksize + index[3] % blocksize;
            long channel = mode.equals("DCR") ? block * channels + index[1] : index[1] * blocksize * blocksize + block;
            long row = (index[0] * data.dim(1) + channel) * data.dim(2) + index[2] / blocksize;
            data.copyElementTo(row * data.dim(3) + index[3] / blocksize, out, j);
            RowMajor.advance(index, dims);
        }
        return List.of(out);
    }
}
