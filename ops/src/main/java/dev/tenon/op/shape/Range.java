package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers {@code start + i * delta} from start up to a limit, without the limit: max(ceil((limit - start) / delta),
 * 0) numbers.
 */
public record Range() implements Op {
    /** Parameters: start, limit and delta, one element each. */
    private static final OpSchema SCHEMA = OpSchema.of("Range")
            .input("start", "T")
            .input("limit", "T")
            .input("delta", "T")
            .output("output", "T")
            .where("T", Types.union(Types.FLOATS, Types.set(DType.INT16, DType.INT32, DType.INT64)))
            .numerics(Numerics.sum(2));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Sizes.requireSingle(c, 0, "start");
        Sizes.requireSingle(c, 1, "limit");
        Sizes.requireSingle(c, 2, "delta");
        Tensor start = c.constant(0);
        Tensor limit = c.constant(1);
        Tensor delta = c.constant(2);
        if (delta != null && !delta.getBoolean(0)) {
            throw c.error("delta is 0", "any other number", null);
        }
        Dim count = start != null && limit != null && delta != null
                ? Dim.of(count(c, start, limit, delta))
                : symbolicCount(c);
        return Sizes.tensor(c.dtype(0), Shape.of(count));
    }

    private static Dim symbolicCount(InferContext c) {
        Dim start = Sizes.single(c, 0, "start");
        Dim limit = Sizes.single(c, 1, "limit");
        Dim delta = Sizes.single(c, 2, "delta");
        if (start == null || limit == null || delta == null || !delta.isKnown() || delta.value() == Long.MIN_VALUE) {
            return c.freshDim();
        }
        return Dims.compute(c, () -> {
            Dim way = delta.value() > 0 ? limit.minus(start) : start.minus(limit);
            return way.ceilDiv(Dim.of(Math.abs(delta.value()))).max(Sizes.ZERO);
        });
    }

    private static long count(InferContext c, Tensor start, Tensor limit, Tensor delta) {
        if (start.dtype().isFloating()) {
            double count = Math.ceil((limit.getDouble(0) - start.getDouble(0)) / delta.getDouble(0));
            if (!Double.isFinite(count)) {
                throw c.error("a count of " + count + " elements", "finite operands", null);
            }
            return (long) Math.max(count, 0);
        }
        BigInteger step = BigInteger.valueOf(delta.getLong(0));
        BigInteger way = BigInteger.valueOf(limit.getLong(0)).subtract(BigInteger.valueOf(start.getLong(0)));
        BigInteger[] quotient = way.divideAndRemainder(step);
        boolean more = quotient[1].signum() != 0 && way.signum() == step.signum();
        BigInteger count = quotient[0].add(more ? BigInteger.ONE : BigInteger.ZERO);
        return count.bitLength() > 63 ? Long.MAX_VALUE : Math.max(count.longValue(), 0);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        Dim start = Sizes.single(c, 0, "start");
        Dim delta = Sizes.single(c, 2, "delta");
        TensorType type = (TensorType) infer(c).get(0);
        if (start == null || delta == null || !delta.isKnown() || !type.shape().isKnown()) {
            return null;
        }
        long count = type.shape().knownElements();
        if (count > InferContext.MAX_SYMBOLIC_ELEMENTS) {
            return null;
        }
        List<Dim> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(start.plus(Dim.of(i * delta.value())));
        }
        return elements;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor start = in.tensor(0);
        Tensor delta = in.tensor(2);
        for (long i = 0; i < out.size(); i++) {
            if (out.dtype().isFloating()) {
                out.setDouble(i, start.getDouble(0) + i * delta.getDouble(0));
            } else {
                out.setLong(i, start.getLong(0) + i * delta.getLong(0));
            }
        }
        return List.of(out);
    }
}
