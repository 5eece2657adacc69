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
import java.util.ArrayList;
import java.util.List;

/**
 * Joins tensors along an axis; their other dimensions are equal.
 *
 * @param axis in [-rank, rank-1]
 */
public record Concat(int axis) implements Op {
    /** Parameters: one or more tensors of one rank, at least 1. */
    public static final OpSchema SCHEMA = OpSchema.of("Concat")
            .variadic("inputs", "T")
            .output("concat_result", "T")
            .where("T", Types.ALL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the axis is not given
     */
    public static Concat of(Attributes a) {
        if (!a.has("axis")) {
            throw new InvalidOperandException("Concat", "no attribute 'axis'", "an axis", null);
        }
        return new Concat(a.int32("axis", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("axis", axis);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() == 0) {
            throw c.error("no inputs", "at least 1", null);
        }
        Shape joined = null;
        boolean all = true;
        for (int i = 0; i < c.inputCount(); i++) {
            if (!c.has(i)) {
                throw c.error("input " + i + " is missing", null, "leave no input out");
            }
            Shape shape = c.shape(i);
            all &= shape.hasRank();
            if (shape.hasRank()) {
                joined = joined == null ? first(c, shape) : join(c, joined, shape, i);
            }
        }
        if (joined == null) {
            return Sizes.tensor(c.dtype(0), Shape.unknownRank());
        }
        return Sizes.tensor(c.dtype(0), all ? joined : joined.withDim(axis, c.freshDim()));
    }

    private Shape first(InferContext c, Shape shape) {
        c.axis(axis, shape.rank(), "shape " + shape);
        return shape;
    }

    private Shape join(InferContext c, Shape joined, Shape shape, int i) {
        if (shape.rank() != joined.rank()) {
            throw c.error("input " + i + " has shape " + shape, "rank " + joined.rank() + " as the others", null);
        }
        int at = c.axis(axis, shape.rank(), "shape " + shape);
        List<Dim> dims = new ArrayList<>();
        for (int d = 0; d < shape.rank(); d++) {
            Dim a = joined.dim(d);
            Dim b = shape.dim(d);
            String what = "input " + i + " has shape " + shape + ", dimension " + d;
            dims.add(d == at ? Dims.compute(c, () -> a.plus(b)) : Sizes.same(c, a, b, what));
        }
        return Shape.of(dims);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = new ArrayList<>();
        for (int i = 0; i < c.inputCount(); i++) {
            List<Dim> more = c.symbolic(i);
            if (more == null || elements.size() + more.size() > InferContext.MAX_SYMBOLIC_ELEMENTS) {
                return null;
            }
            elements.addAll(more);
        }
        return elements;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        int at = in.axis(axis, out.rank(), "shape " + out.shape());
        long inner = RowMajor.size(out.dims(), at + 1, out.rank());
        long outRun = out.dim(at) * inner;
        long start = 0;
        for (int i = 0; i < in.count(); i++) {
            Tensor t = in.tensor(i);
            long run = t.dim(at) * inner;
            for (long e = 0; e < t.size(); e++) {
                t.copyElementTo(e, out, e / run * outRun + start + e % run);
            }
            start += run;
        }
        return List.of(out);
    }
}
