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
 * Moves blocks of space to channels: [n, c, h, w] becomes [n, c * b^2, h / b, w / b]. A channel of the result is (row,
 * column, channel of the input).
 *
 * @param blocksize b, at least 1
 */
public record SpaceToDepth(int blocksize) implements Op {
    /** Parameters: a tensor of rank 4. */
    public static final OpSchema SCHEMA = OpSchema.of("SpaceToDepth")
            .input("input", "T")
            .output("output", "T")
            .where("T", Types.ALL);

    /**
     * Checks the block size.
     *
     * @param blocksize b, at least 1
     * @throws InvalidOperandException if it is below 1
     */
    public SpaceToDepth {
        if (blocksize < 1) {
            throw new InvalidOperandException("SpaceToDepth", "blocksize " + blocksize, "1 and above", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static SpaceToDepth of(Attributes a) {
        return new SpaceToDepth(a.int32("blocksize", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("blocksize", blocksize);
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
                Dims.compute(c, () -> data.dim(1).times(area)),
                Sizes.quotient(c, data, 2, b),
                Sizes.quotient(c, data, 3, b));
        return Sizes.tensor(c.dtype(0), out);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor data = in.tensor(0);
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        long channels = data.dim(1);
        long[] dims = out.dims();
        long[] index = new long[4];
        for (long j = 0; j < out.size(); j++) {
            long block = index[1] / channels;
            long row = (index[0] * channels + index[1] % channels) * data.dim(2)
                    + index[2] * blocksize
                    + block / blocksize;
            data.copyElementTo(row * data.dim(3) + index[3] * blocksize + block % blocksize, out, j);
            RowMajor.advance(index, dims);
        }
        return List.of(out);
    }
}
