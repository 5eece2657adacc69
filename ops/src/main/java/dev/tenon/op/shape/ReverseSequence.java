package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Reverses the first elements along the time axis. Each place on the batch axis has its own length; the other elements
 * are unchanged.
 *
 * @param batchAxis 0 or 1
 * @param timeAxis the other axis
 */
public record ReverseSequence(int batchAxis, int timeAxis) implements Op {
    /** Parameters: the data, of rank 2 or more, and the lengths, int64 of shape [batch], each in [0, time]. */
    public static final OpSchema SCHEMA = OpSchema.of("ReverseSequence")
            .input("input", "T")
            .input("sequence_lens", "S")
            .output("Y", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /**
     * Checks the axes.
     *
     * @param batchAxis 0 or 1
     * @param timeAxis the other axis
     * @throws InvalidOperandException if they have other values
     */
    public ReverseSequence {
        if (batchAxis < 0 || batchAxis > 1 || timeAxis != 1 - batchAxis) {
            throw new InvalidOperandException(
                    "ReverseSequence",
                    "batch_axis " + batchAxis + " and time_axis " + timeAxis,
                    "one of them 0, the other 1",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static ReverseSequence of(Attributes a) {
        return new ReverseSequence(a.int32("batch_axis", 1), a.int32("time_axis", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("batch_axis", batchAxis, 1).unless("time_axis", timeAxis, 0);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Shape lengths = c.shape(1);
        if (data.hasRank() && data.rank() < 2) {
            throw c.error("input of shape " + data, "rank 2 and above", null);
        }
        if (lengths.hasRank() && lengths.rank() != 1) {
            throw c.error("'sequence_lens' has shape " + lengths, "rank 1", null);
        }
        if (data.hasRank() && lengths.hasRank()) {
            Sizes.same(c, data.dim(batchAxis), lengths.dim(0), "batch and number of lengths");
        }
        return Sizes.tensor(c.dtype(0), data);
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        Tensor lengths = in.tensor(1);
        for (long i = 0; i < lengths.size(); i++) {
            long length = lengths.getLong(i);
            if (length < 0 || length > data.dim(timeAxis)) {
                throw in.error("length " + length + " of sequence " + i, "[0, " + data.dim(timeAxis) + "]", null);
            }
        }
        long[] strides = RowMajor.strides(data.dims());
        return List.of(Moves.move(type, data, index -> {
            long length = lengths.getLong(index[batchAxis]);
            long time = index[timeAxis];
            long from = time < length ? length - 1 - time : time;
            return RowMajor.offset(index, strides) + (from - time) * strides[timeAxis];
        }));
    }
}
