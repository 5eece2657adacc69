package dev.tenon.op.attention;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Writes new positions into a copy of a cache. Each sample of the batch has its update from its write index on.
 *
 * @param axis the axis of positions, in [-rank, rank-1]; not 0, the axis of the batch
 * @param circular whether positions after the end go on at the start
 */
public record TensorScatter(int axis, boolean circular) implements Op {
    /**
     * Inputs past_cache of any shape; update of the same shape except for the axis, along which it is not longer;
     * write_indices [batch], zeros if absent. Output like the cache.
     */
    public static final OpSchema SCHEMA = OpSchema.of("TensorScatter")
            .input("past_cache", "T")
            .input("update", "T")
            .optional("write_indices", "I")
            .output("present_cache", "T")
            .where("T", Types.ALL)
            .where("I", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the mode is neither {@code linear} nor {@code circular}
     */
    public static TensorScatter of(Attributes a) {
        String mode = a.string("mode", "linear");
        if (!mode.equals("linear") && !mode.equals("circular")) {
            throw new InvalidOperandException("TensorScatter", "mode '" + mode + "'", "linear, circular", null);
        }
        return new TensorScatter(a.int32("axis", -2), mode.equals("circular"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", (long) axis, -2L)
                .unless("mode", circular ? "circular" : "linear", "linear");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape cache = OperandShape.of(c, 0).rankFrom(2);
        if (cache.hasRank()) {
            int at = c.axis(axis, cache.rank(), "shape " + cache.shape());
            if (at == 0) {
                throw c.error("axis " + axis + " is that of the batch", "another axis", null);
            }
            OperandShape update = OperandShape.of(c, 1).rank(cache.rank());
            Dim[] expected = cache.shape().dims().toArray(Dim[]::new);
            Dim most = expected[at];
            expected[at] = null;
            update.is(expected);
            Dim length = update.dim(at);
            if (length != null && length.isKnown() && most.isKnown() && length.value() > most.value()) {
                throw c.error("'update' has shape " + update.shape(), "at most " + most + " at axis " + at, null);
            }
            if (c.has(2)) {
                OperandShape.of(c, 2).is(expected[0]);
            }
        }
        return List.of(c.tensor(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor cache = in.tensor(0);
        Tensor update = in.tensor(1);
        Tensor out = cache.copy();
        if (update.size() == 0) {
            return List.of(out);
        }
        int at = in.axis(axis, cache.rank(), "shape " + cache.shape());
        long positions = cache.dim(at);
        long length = update.dim(at);
        long inner = 1;
        for (int d = at + 1; d < cache.rank(); d++) {
            inner *= cache.dim(d);
        }
        long blocks = update.size() / (length * inner);
        for (long block = 0; block < blocks; block++) {
            long sample = block / (blocks / cache.dim(0));
            long first = start(in, sample, positions, length);
            for (long i = 0; i < length * inner; i++) {
                long position = (first + i / inner) % positions;
                update.copyElementTo(
                        block * length * inner + i, out, (block * positions + position) * inner + i % inner);
            }
        }
        return List.of(out);
    }

    private long start(Operands in, long sample, long positions, long length) {
        long first = in.has(2) ? in.tensor(2).getLong(sample) : 0;
        if (circular) {
            return Math.floorMod(first, positions);
        }
        if (first < 0 || first > positions - length) {
            throw in.error(
                    "write_indices[" + sample + "] is " + first,
                    "[0, " + (positions - length) + "]",
                    "enlarge the cache, or use mode circular");
        }
        return first;
    }
}
