package dev.tenon.op.sequence;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a tensor along an axis into the elements of a sequence. Without sizes, the pieces have size 1. If the sizes are
 * a scalar, the pieces have that size, and the last one may be smaller. Otherwise the pieces have the sizes given.
 *
 * @param axis in [-rank, rank-1]
 * @param keepdims whether pieces keep the axis; only pieces of size 1 made without sizes can lose it
 */
public record SplitToSequence(int axis, boolean keepdims) implements Op {
    /** Parameters: the data; the sizes, of rank 0 or 1, which may be left out. */
    public static final OpSchema SCHEMA = OpSchema.of("SplitToSequence")
            .input("input", "T")
            .optional("split", "I")
            .output("output_sequence", "*")
            .where("T", Types.ALL)
            .where("I", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static SplitToSequence of(Attributes a) {
        return new SplitToSequence(a.int32("axis", 0), a.flag("keepdims", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0).unless("keepdims", keepdims, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (!data.hasRank()) {
            return List.of(new SequenceType(c.type(0)));
        }
        int at = c.axis(axis, data.rank(), "shape " + data);
        List<Dim> dims = new ArrayList<>(data.dims());
        if (c.has(1)) {
            dims.set(at, c.freshDim());
        } else if (keepdims) {
            dims.set(at, Dim.of(1));
        } else {
            dims.remove(at);
        }
        return List.of(new SequenceType(new TensorType(c.dtype(0), Shape.of(dims))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor data = in.tensor(0);
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        long[] sizes = sizes(in, data.dim(at));
        boolean drop = !in.has(1) && !keepdims;
        List<Dim> unknown = new ArrayList<>(data.shape().dims());
        if (drop) {
            unknown.remove(at);
        }
        List<Datum> pieces = new ArrayList<>();
        long start = 0;
        for (long size : sizes) {
            Tensor piece = piece(data, at, start, size);
            pieces.add(drop ? piece.reshape(Shape.of(unknown).toArray()) : piece);
            start += size;
        }
        ValueType none = new TensorType(data.dtype(), Shape.unknownRank());
        return List.of(pieces.isEmpty() ? TensorSequence.empty(none) : SequenceElements.sequence(in, null, pieces));
    }

    private long[] sizes(Operands in, long total) {
        Tensor split = in.tensorOrNull(1);
        if (split != null && split.rank() == 1) {
            Operands.tensors(split.size());
            long sum = 0;
            for (long size : split.toLongArray()) {
                if (size < 0 || size > total) {
                    throw in.error("a piece of " + size, "[0, " + total + "]", null);
                }
                sum += size;
            }
            if (sum != total) {
                throw in.error("pieces that add up to " + sum, "dimension " + total, null);
            }
            return split.toLongArray();
        }
        if (split != null && split.rank() != 0) {
            throw in.error("'split' " + split.type(), "rank 0 or 1", null);
        }
        long each = split == null ? 1 : split.getLong(0);
        if (each < 1) {
            throw in.error("pieces of " + each, "at least 1", null);
        }
        long count = total / each + (total % each == 0 ? 0 : 1);
        if (count > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException(
                    "SplitToSequence", count + " pieces", "at most " + (Integer.MAX_VALUE - 8), null);
        }
        Operands.tensors(count);
        long[] sizes = new long[(int) count];
        Arrays.fill(sizes, each);
        if (total % each != 0) {
            sizes[sizes.length - 1] = total % each;
        }
        return sizes;
    }

    private static Tensor piece(Tensor data, int at, long start, long size) {
        long[] dims = data.dims();
        long inner = 1;
        for (int i = at + 1; i < dims.length; i++) {
            inner *= dims[i];
        }
        long run = dims[at] * inner;
        dims[at] = size;
        Tensor piece = Tensor.allocate(data.dtype(), dims);
        long pieceRun = size * inner;
        for (long e = 0; e < piece.size(); e++) {
            data.copyElementTo(e / pieceRun * run + start * inner + e % pieceRun, piece, e);
        }
        return piece;
    }
}
