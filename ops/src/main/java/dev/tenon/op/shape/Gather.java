package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.StringTable;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the slices of the data along an axis that the indices name. The dimensions of the indices replace the axis.
 * Negative indices count from the end.
 *
 * @param axis in [-rank, rank-1]
 */
public record Gather(int axis) implements Op {
    /** The most strings that are taken at a time. */
    private static final int BLOCK = 1024;

    /** Parameters: the data, of rank 1 or more, and the indices. */
    public static final OpSchema SCHEMA = OpSchema.of("Gather")
            .input("data", "T")
            .input("indices", "I")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("I", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Gather of(Attributes a) {
        return new Gather(a.int32("axis", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Shape indices = c.shape(1);
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), Shape.unknownRank());
        }
        int at = c.axis(axis, data.rank(), "shape " + data);
        checkConstant(c, data.dim(at));
        if (!indices.hasRank()) {
            return Sizes.tensor(c.dtype(0), Shape.unknownRank());
        }
        List<Dim> dims = new ArrayList<>(data.dims().subList(0, at));
        dims.addAll(indices.dims());
        dims.addAll(data.dims().subList(at + 1, data.rank()));
        return Sizes.tensor(c.dtype(0), Shape.of(dims));
    }

    private static void checkConstant(InferContext c, Dim dim) {
        Tensor indices = c.constant(1);
        if (indices == null || !dim.isKnown() || indices.size() > InferContext.MAX_SYMBOLIC_ELEMENTS) {
            return;
        }
        long n = dim.value();
        for (long i = 0; i < indices.size(); i++) {
            long v = indices.getLong(i);
            if (v < -n || v >= n) {
                throw c.error("index " + v, Indices.range(n), null);
            }
        }
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = c.symbolic(0);
        if (elements == null
                || !c.shape(0).hasRank()
                || c.shape(0).rank() != 1
                || !c.shape(1).hasRank()
                || c.shape(1).rank() > 1) {
            return null;
        }
        long[] indices = Sizes.numbers(c, 1, "indices");
        if (indices == null) {
            return null;
        }
        List<Dim> taken = new ArrayList<>();
        for (long i : indices) {
            int at = (int) (i < 0 ? i + elements.size() : i);
            if (at < 0 || at >= elements.size()) {
                throw c.error("index " + i, Indices.range(elements.size()), null);
            }
            taken.add(elements.get(at));
        }
        return taken;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor data = in.tensor(0);
        Tensor indices = in.tensor(1);
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        long n = data.dim(at);
        long inner = RowMajor.size(data.dims(), at + 1, data.rank());
        long count = indices.size();
        for (long k = 0; k < count; k++) {
            Indices.check(in, indices.getLong(k), n);
        }
        if (data.dtype() == DType.STRING && inner == 1 && data.size() == n) {
            chooseStrings(data, indices, out);
            return List.of(out);
        }
        for (long j = 0; j < out.size(); j++) {
            long row = j / inner;
            long index = Indices.check(in, indices.getLong(row % count), n);
            data.copyElementTo((row / count * n + index) * inner + j % inner, out, j);
        }
        return List.of(out);
    }

    /** Takes strings of a list: the labels of classes, by their numbers. */
    private static void chooseStrings(Tensor data, Tensor indices, Tensor out) {
        int[] chosen = new int[(int) Math.min(BLOCK, out.size())];
        for (long at = 0; at < out.size(); at += chosen.length) {
            int n = (int) Math.min(chosen.length, out.size() - at);
            for (int i = 0; i < n; i++) {
                long index = indices.getLong(at + i);
                chosen[i] = (int) (index < 0 ? index + data.size() : index);
            }
            StringTable.choose(data, chosen, n, out, at);
        }
    }
}
