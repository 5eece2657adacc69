package dev.tenon.op.sequence;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins the tensors of a sequence along one of their axes, or stacks them along a new one.
 *
 * @param axis in [-rank, rank-1]; with a new axis in [-rank-1, rank]
 * @param newAxis whether to stack
 */
public record ConcatFromSequence(int axis, boolean newAxis) implements Op {
    /** Parameters: a sequence of tensors, at least one. */
    public static final OpSchema SCHEMA =
            OpSchema.of("ConcatFromSequence").input("input_sequence", "*").output("concat_result", "*");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static ConcatFromSequence of(Attributes a) {
        if (!a.has("axis")) {
            throw new InvalidOperandException("ConcatFromSequence", "no attribute 'axis'", "an axis", null);
        }
        return new ConcatFromSequence(a.int32("axis", 0), a.flag("new_axis", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("axis", axis).unless("new_axis", newAxis, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (!(SequenceElements.of(c, 0) instanceof TensorType t)) {
            throw c.error("a " + c.type(0), "a sequence of tensors", null);
        }
        if (!t.shape().hasRank()) {
            return List.of(t);
        }
        Shape shape = ((TensorType) SequenceElements.one(c, t)).shape();
        List<Dim> dims = new ArrayList<>(shape.dims());
        int at = c.axis(axis, dims.size() + (newAxis ? 1 : 0), "elements of shape " + shape);
        if (newAxis) {
            dims.add(at, c.freshDim());
        } else {
            dims.set(at, c.freshDim());
        }
        return List.of(new TensorType(t.dtype(), Shape.of(dims)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorSequence s = SequenceElements.of(in, 0);
        if (s.size() == 0) {
            throw in.error("an empty sequence", "at least one element", null);
        }
        List<Tensor> parts = new ArrayList<>();
        for (int i = 0; i < s.size(); i++) {
            parts.add(s.tensor(i));
        }
        Tensor first = parts.getFirst();
        int at = in.axis(axis, first.rank() + (newAxis ? 1 : 0), "elements " + first.type());
        long[] dims = joined(in, parts, at);
        Tensor out = Tensor.allocate(first.dtype(), dims);
        long inner = 1;
        for (int i = at + 1; i < dims.length; i++) {
            inner *= dims[i];
        }
        long outRun = dims[at] * inner;
        long start = 0;
        for (Tensor t : parts) {
            long run = newAxis ? inner : t.dim(at) * inner;
            for (long e = 0; e < t.size(); e++) {
                t.copyElementTo(e, out, e / run * outRun + start + e % run);
            }
            start += run;
        }
        return List.of(out);
    }

    private long[] joined(Operands in, List<Tensor> parts, int at) {
        long[] first = parts.getFirst().dims();
        long sum = 0;
        for (Tensor t : parts) {
            long[] dims = t.dims();
            boolean same = dims.length == first.length;
            for (int i = 0; same && i < dims.length; i++) {
                same = dims[i] == first[i] || !newAxis && i == at;
            }
            if (!same) {
                throw in.error(
                        "elements " + parts.getFirst().type() + " and " + t.type(),
                        newAxis ? "one shape" : "shapes that differ along axis " + at + " only",
                        null);
            }
            sum += newAxis ? 1 : dims[at];
        }
        long[] dims = new long[first.length + (newAxis ? 1 : 0)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i == at ? sum : first[newAxis && i > at ? i - 1 : i];
        }
        return dims;
    }
}
