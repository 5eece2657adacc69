package dev.tenon.graph.control;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Bodies of control operators as attributes, and the types of values that go into bodies and come out of them. */
final class BodyTypes {
    private BodyTypes() {}

    /** The body in an attribute. */
    static Graph body(Attributes a, String name) {
        if (a.graph(name).orElse(null) instanceof Graph g) {
            return g;
        }
        throw new InvalidOperandException("attribute '" + name + "'", "no graph", "a graph", null);
    }

    /** Fails if an input is absent. */
    static void checkGiven(InferContext c, int input, String what) {
        if (!c.has(input)) {
            throw c.error(what + " is missing", null, "give it");
        }
    }

    /** Fails if a value can't fit an input of a body. */
    static void checkFits(InferContext c, ValueType given, ValueType wanted, String what) {
        boolean fits = given instanceof TensorType x && wanted instanceof TensorType y
                ? x.dtype() == y.dtype() && mayBeEqual(x.shape(), y.shape())
                : given.getClass() == wanted.getClass();
        if (!fits) {
            throw c.error(what + " is " + given, wanted + ", as the body takes", null);
        }
    }

    /** Fails if a value of a body is no tensor of an element type. */
    static void checkElements(InferContext c, ValueType given, DType wanted, String what) {
        if (!(given instanceof TensorType t) || t.dtype() != wanted) {
            throw c.error(what + " is " + given, "a tensor of " + wanted, null);
        }
    }

    /** The type of the element of an optional, where another value is no optional; else the type as it is. */
    static ValueType elementBeside(ValueType type, ValueType other) {
        return type instanceof OptionalType o && !(other instanceof OptionalType) ? o.element() : type;
    }

    /** A value as an input of a body: an optional that has the value, if the body takes an optional. */
    static Datum asInput(Datum value, ValueType wanted) {
        return wanted instanceof OptionalType && !(value instanceof OptionalDatum) ? OptionalDatum.of(value) : value;
    }

    /** A value as a result whose type is that of an output of a body: the value of an optional, if the type is none. */
    static Datum asResult(Operands in, Datum value, ValueType wanted, String what) {
        if (!(value instanceof OptionalDatum o) || wanted instanceof OptionalType) {
            return value;
        }
        return o.value().orElseThrow(() -> in.error(what + " is an optional without a value", wanted.toString(), null));
    }

    private static boolean mayBeEqual(Shape a, Shape b) {
        if (!a.hasRank() || !b.hasRank()) {
            return true;
        }
        boolean equal = a.rank() == b.rank();
        for (int i = 0; equal && i < a.rank(); i++) {
            Dim x = a.dim(i);
            Dim y = b.dim(i);
            equal = !x.isKnown() || !y.isKnown() || x.value() == y.value();
        }
        return equal;
    }

    /**
     * The type of an output of a body outside of the body. Dimensions that are only known when the body runs get fresh
     * symbols.
     */
    static ValueType outside(InferContext c, ValueType type) {
        return switch (type) {
            case SequenceType t -> new SequenceType(outside(c, t.element()));
            case OptionalType t -> new OptionalType(outside(c, t.element()));
            case MapType t -> t;
            case TensorType t -> {
                if (!t.shape().hasRank()) {
                    yield t;
                }
                List<Dim> dims = new ArrayList<>();
                for (Dim d : t.shape().dims()) {
                    dims.add(isKnownAtRunTime(d) ? c.freshDim() : d);
                }
                yield new TensorType(t.dtype(), Shape.of(dims));
            }
        };
    }

    /** The type of one output of all runs of a body, which are stacked along an axis. */
    static TensorType stacked(InferContext c, Value output, long axis, Dim runs, String what) {
        if (!(outside(c, output.type()) instanceof TensorType t)) {
            throw c.error("scan output " + output, "a tensor", null);
        }
        if (!t.shape().hasRank()) {
            return t;
        }
        List<Dim> dims = new ArrayList<>(t.shape().dims());
        dims.add(c.axis(axis, dims.size() + 1, what), runs);
        return new TensorType(t.dtype(), Shape.of(dims));
    }

    private static boolean isKnownAtRunTime(Dim d) {
        return !d.isKnown() && d.symbols().stream().anyMatch(s -> s.startsWith("?"));
    }

    /** The narrowest type that both values have. Fails if their kinds or element types differ. */
    static ValueType join(InferContext c, ValueType a, ValueType b, String what) {
        if (a.equals(b)) {
            return a;
        }
        if (a instanceof SequenceType x && b instanceof SequenceType y) {
            return new SequenceType(join(c, x.element(), y.element(), what));
        }
        if (a instanceof OptionalType x && b instanceof OptionalType y) {
            return new OptionalType(join(c, x.element(), y.element(), what));
        }
        if (!(a instanceof TensorType x) || !(b instanceof TensorType y)) {
            throw c.error(what + " is " + a + " or " + b, "one type", null);
        }
        if (x.dtype() != y.dtype()) {
            throw c.error(what + " is " + a + " or " + b, "one element type", null);
        }
        if (!x.shape().hasRank()
                || !y.shape().hasRank()
                || x.shape().rank() != y.shape().rank()) {
            return new TensorType(x.dtype(), Shape.unknownRank());
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < x.shape().rank(); i++) {
            dims.add(x.shape().dim(i).equals(y.shape().dim(i)) ? x.shape().dim(i) : c.freshDim());
        }
        return new TensorType(x.dtype(), Shape.of(dims));
    }
}
