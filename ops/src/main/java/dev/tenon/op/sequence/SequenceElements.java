package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Functions that the operators on sequences share: types of elements, positions, joining. */
final class SequenceElements {
    private SequenceElements() {}

    /** The type of the elements of an operand that must be a sequence. */
    static ValueType of(InferContext c, int i) {
        if (c.type(i) instanceof SequenceType t) {
            return t.element();
        }
        throw c.error("input " + i + " is " + c.type(i), "a sequence", null);
    }

    static TensorSequence of(Operands in, int i) {
        if (in.get(i) instanceof TensorSequence s) {
            return s;
        }
        throw in.error("input " + i + " is " + in.get(i).type(), "a sequence", null);
    }

    /** The type of one element. A dimension that is known at run time only differs from element to element. */
    static ValueType one(InferContext c, ValueType type) {
        if (!(type instanceof TensorType t) || !t.shape().hasRank()) {
            return type;
        }
        List<Dim> dims = new ArrayList<>();
        for (Dim d : t.shape().dims()) {
            dims.add(ofRunTime(d) ? c.freshDim() : d);
        }
        return new TensorType(t.dtype(), Shape.of(dims));
    }

    static boolean ofRunTime(Dim d) {
        return !d.isKnown() && d.symbols().stream().anyMatch(s -> s.startsWith("?"));
    }

    /** The type of elements of both types; null if their element types differ. */
    static ValueType join(ValueType a, ValueType b, InferContext c) {
        if (a.equals(b)) {
            return a;
        }
        if (!(a instanceof TensorType x) || !(b instanceof TensorType y) || x.dtype() != y.dtype()) {
            return null;
        }
        Shape s = x.shape();
        Shape t = y.shape();
        if (c == null || !s.hasRank() || !t.hasRank() || s.rank() != t.rank()) {
            return new TensorType(x.dtype(), Shape.unknownRank());
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < s.rank(); i++) {
            dims.add(s.dim(i).equals(t.dim(i)) ? s.dim(i) : c.freshDim());
        }
        return new TensorType(x.dtype(), Shape.of(dims));
    }

    /** A sequence of values. Its type is that of an older sequence joined with the types of the values. */
    static TensorSequence sequence(Operands in, ValueType type, List<Datum> elements) {
        ValueType all = type;
        for (Datum d : elements) {
            ValueType joined = all == null ? d.type() : all.accepts(d.type()) ? all : join(all, d.type(), null);
            if (joined == null) {
                throw in.error("an element " + d.type() + " in a sequence of " + all, "one element type", null);
            }
            all = joined;
        }
        return TensorSequence.of(all, elements);
    }

    /** A position that an operand gives: a scalar or a tensor of one element. */
    static int position(Operands in, int i, int size, int last) {
        Tensor t = in.tensor(i);
        if (t.size() != 1) {
            throw in.error("a position " + t.type(), "one element", null);
        }
        long p = t.getLong(0);
        if (p < -size || p > last) {
            throw in.error("position " + p + " in a sequence of " + size, "[" + -size + ", " + last + "]", null);
        }
        return (int) (p < 0 ? p + size : p);
    }

    static void checkPosition(InferContext c, int i) {
        if (c.has(i) && c.shape(i).isKnown() && c.shape(i).knownElements() != 1) {
            throw c.error("a position " + c.type(i), "one element", null);
        }
    }
}
