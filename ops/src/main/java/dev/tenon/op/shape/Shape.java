package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * The dimensions of its input, or some consecutive ones. Negative bounds count from the end. Then both are clamped to
 * [0, rank].
 *
 * @param start the first dimension
 * @param end the dimension after the last; {@link #TO_THE_END} for all
 */
public record Shape(long start, long end) implements Op {
    /** An {@code end} above every rank. */
    public static final long TO_THE_END = Long.MAX_VALUE;

    /** Parameters: any tensor. Result: int64 of rank 1. */
    public static final OpSchema SCHEMA = OpSchema.of("Shape")
            .input("data", "T")
            .output("shape", "S")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    private static final Shape ALL = new Shape(0, TO_THE_END);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Shape of(Attributes a) {
        return a.isEmpty() ? ALL : new Shape(a.integer("start", 0), a.integer("end", TO_THE_END));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("start", start, 0L).unless("end", end, TO_THE_END);
    }

    private int from(int rank) {
        return Math.clamp(start < 0 ? start + rank : start, 0, rank);
    }

    private int to(int rank) {
        return Math.max(from(rank), Math.clamp(end < 0 ? end + rank : end, 0, rank));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        dev.tenon.tensor.Shape data = c.shape(0);
        dev.tenon.tensor.Shape out =
                data.hasRank() ? dev.tenon.tensor.Shape.of(to(data.rank()) - from(data.rank())) : c.freshShape(1);
        return Sizes.tensor(DType.INT64, out);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        dev.tenon.tensor.Shape data = c.shape(0);
        return data.hasRank() ? data.dims().subList(from(data.rank()), to(data.rank())) : null;
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor data = in.tensor(0);
        return List.of(Tensor.wrap(Arrays.copyOfRange(data.dims(), from(data.rank()), to(data.rank()))));
    }
}
