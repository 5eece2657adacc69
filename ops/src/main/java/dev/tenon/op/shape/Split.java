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
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts a tensor along an axis into pieces. The pieces have the sizes given. Without sizes they have equal sizes,
 * rounded up if the dimension is not divisible; then the last ones are smaller or empty.
 *
 * @param axis in [-rank, rank-1]
 * @param numOutputs the number of pieces if no sizes are given; 0 for as many as there are outputs
 */
public record Split(int axis, int numOutputs) implements Op {
    /** Parameters: the data, and the sizes, int64 of rank 1, which may be left out. */
    public static final OpSchema SCHEMA = OpSchema.of("Split")
            .input("input", "T")
            .optional("split", "S")
            .variadicOutput("outputs", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /** More pieces than this are not followed as symbolic elements: each of them asks for all sizes. */
    private static final int MAX_SYMBOLIC_PIECES = 64;

    /**
     * Checks the number of pieces.
     *
     * @param axis in [-rank, rank-1]
     * @param numOutputs the number of pieces if no sizes are given; 0 for as many as there are outputs
     * @throws InvalidOperandException if the number is negative
     */
    public Split {
        if (numOutputs < 0) {
            throw new InvalidOperandException("Split", "num_outputs " + numOutputs, "at least 1", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Split of(Attributes a) {
        return new Split(a.int32("axis", 0), a.int32("num_outputs", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0).unless("num_outputs", numOutputs, 0);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        List<Dim> sizes = sizes(c);
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < c.outputCount(); i++) {
            Shape shape = Shape.unknownRank();
            if (data.hasRank()) {
                int at = c.axis(axis, data.rank(), "shape " + data);
                shape = data.withDim(at, sizes == null ? c.freshDim() : sizes.get(i));
            }
            types.add(new TensorType(c.dtype(0), shape));
        }
        return types;
    }

    /** The size of each piece, or null if they are not known. */
    private List<Dim> sizes(InferContext c) {
        Shape data = c.shape(0);
        Dim total = data.hasRank() ? data.dim(c.axis(axis, data.rank(), "shape " + data)) : null;
        if (!c.has(1)) {
            return total == null ? null : equalSizes(c, total);
        }
        if (numOutputs > 0) {
            throw c.error("both 'split' and num_outputs are given", "one of them", null);
        }
        int count = Sizes.length(c, 1);
        if (count >= 0 && count != c.outputCount()) {
            throw c.error("'split' has " + count + " sizes", "one for each of " + c.outputCount() + " outputs", null);
        }
        List<Dim> sizes = Sizes.vector(c, 1, "split");
        if (sizes == null) {
            return null;
        }
        Dim sum = Sizes.ZERO;
        for (Dim size : sizes) {
            if (size.orElse(0) < 0) {
                throw c.error("'split' " + sizes + " has size " + size, "0 and above", null);
            }
            Dim before = sum;
            sum = Dims.compute(c, () -> before.plus(size));
        }
        if (total != null && sum.isKnown() && total.isKnown() && !sum.equals(total)) {
            throw c.error("'split' " + sizes + " adds up to " + sum, "dimension " + total + " of " + data, null);
        }
        return sizes;
    }

    private List<Dim> equalSizes(InferContext c, Dim total) {
        int n = c.outputCount();
        if (numOutputs > 0 && numOutputs != n) {
            throw c.error("num_outputs is " + numOutputs + " for " + n + " outputs", "their number", null);
        }
        if (n == 0) {
            return List.of();
        }
        Dim pieces = Dim.of(n);
        Dim exact = total.dividedExactlyBy(pieces).orElse(null);
        if (exact != null) {
            return Collections.nCopies(n, exact);
        }
        Dim size = Dims.compute(c, () -> total.ceilDiv(pieces));
        List<Dim> sizes = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long before = i;
            Dim left = Dims.compute(c, () -> total.minus(size.times(Dim.of(before))));
            // Of two pieces the second always fits.
            sizes.add(
                    i == 0
                            ? size
                            : n == 2
                                    ? left
                                    : Dims.compute(c, () -> size.min(left).max(Sizes.ZERO)));
        }
        return sizes;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = c.symbolic(0);
        if (elements == null || c.outputCount() > MAX_SYMBOLIC_PIECES) {
            return null;
        }
        List<Dim> sizes = sizes(c);
        if (sizes == null || !sizes.stream().allMatch(Dim::isKnown)) {
            return null;
        }
        long from = 0;
        for (int i = 0; i < output; i++) {
            from += sizes.get(i).value();
        }
        return elements.subList((int) from, (int) (from + sizes.get(output).value()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        List<ValueType> types = in.inferOutputs();
        Tensor data = in.tensor(0);
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        long inner = RowMajor.size(data.dims(), at + 1, data.rank());
        long run = data.dim(at) * inner;
        long start = 0;
        List<Datum> pieces = new ArrayList<>();
        for (ValueType type : types) {
            Tensor out = Moves.allocate(type);
            long outRun = out.dim(at) * inner;
            for (long e = 0; e < out.size(); e++) {
                data.copyElementTo(e / outRun * run + start + e % outRun, out, e);
            }
            start += outRun;
            pieces.add(out);
        }
        return pieces;
    }
}
