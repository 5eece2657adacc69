package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Functions for inference that the operators of this package share: small integer operands, axes, and arithmetic on
 * sizes.
 */
final class Sizes {
    static final Dim ZERO = Dim.of(0);
    static final Dim ONE = Dim.of(1);

    private Sizes() {}

    static List<ValueType> tensor(DType dtype, Shape shape) {
        return List.of(new TensorType(dtype, shape));
    }

    /** A shape of fresh dimensions; of unknown rank if the rank is negative. */
    static Shape fresh(InferContext c, int rank) {
        return rank < 0 ? Shape.unknownRank() : c.freshShape(rank);
    }

    /** The elements of an operand of rank 1, or null if they are not known. */
    static List<Dim> vector(InferContext c, int i, String name) {
        return elements(c, i, name, 1);
    }

    /** The elements of an operand of rank 0 or 1, or null if they are not known or the operand is absent. */
    static List<Dim> list(InferContext c, int i, String name) {
        return elements(c, i, name, 0);
    }

    private static List<Dim> elements(InferContext c, int i, String name, int minRank) {
        if (!c.has(i)) {
            return null;
        }
        Shape shape = c.shape(i);
        if (shape.hasRank() && (shape.rank() > 1 || shape.rank() < minRank)) {
            throw c.error("'" + name + "' has shape " + shape, minRank == 1 ? "rank 1" : "rank 0 or 1", null);
        }
        List<Dim> elements = c.symbolic(i);
        Tensor value = c.constant(i);
        if (elements == null && value != null && value.size() > InferContext.MAX_SYMBOLIC_ELEMENTS) {
            throw c.error(
                    "'" + name + "' has " + value.size() + " elements",
                    "at most " + InferContext.MAX_SYMBOLIC_ELEMENTS,
                    null);
        }
        return elements;
    }

    /** The elements of an operand of rank 0 or 1 as numbers, or null if one is not known or the operand is absent. */
    static long[] numbers(InferContext c, int i, String name) {
        List<Dim> elements = list(c, i, name);
        if (elements == null) {
            return null;
        }
        long[] numbers = new long[elements.size()];
        for (int e = 0; e < numbers.length; e++) {
            if (!elements.get(e).isKnown()) {
                return null;
            }
            numbers[e] = elements.get(e).value();
        }
        return numbers;
    }

    /** The number of elements of an operand of rank 0 or 1, or -1 if it is not known or the operand is absent. */
    static int length(InferContext c, int i) {
        if (!c.has(i)) {
            return -1;
        }
        List<Dim> elements = c.symbolic(i);
        if (elements != null) {
            return elements.size();
        }
        if (!c.shape(i).isKnown()) {
            return -1;
        }
        long count = c.shape(i).knownElements();
        return count > InferContext.MAX_SYMBOLIC_ELEMENTS ? -1 : (int) count;
    }

    /** The element of an operand of one element, or null if it is not known. */
    static Dim single(InferContext c, int i, String name) {
        requireSingle(c, i, name);
        List<Dim> elements = c.symbolic(i);
        return elements == null || elements.size() != 1 ? null : elements.get(0);
    }

    static void requireSingle(InferContext c, int i, String name) {
        Shape shape = c.shape(i);
        if ((shape.hasRank() && shape.rank() > 1) || (shape.isKnown() && shape.knownElements() != 1)) {
            throw c.error("'" + name + "' has shape " + shape, "a scalar or one element", null);
        }
    }

    /** Axes normalised to [0, rank-1], in the order given. Fails if an axis is given twice. */
    static int[] axes(InferContext c, long[] given, int rank, Object of) {
        int[] axes = new int[given.length];
        boolean[] seen = new boolean[rank];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = c.axis(given[i], rank, of);
            if (seen[axes[i]]) {
                throw c.error("axis " + given[i] + " is given twice", "distinct axes", null);
            }
            seen[axes[i]] = true;
        }
        return axes;
    }

    /** Whether a dimension is provably at least 0. */
    static boolean isNonNegative(Dim d) {
        return d.max(ZERO).equals(d);
    }

    /** Chooses the known one of two dimensions that must be equal. */
    static Dim same(InferContext c, Dim a, Dim b, String what) {
        if (Dims.differ(a, b)) {
            throw c.error(what + ": " + a + " and " + b + " differ", "equal dimensions", null);
        }
        return a.isKnown() ? a : b.isKnown() ? b : a;
    }

    static Dim product(InferContext c, List<Dim> dims) {
        return Dims.compute(c, () -> Shape.of(dims).elements());
    }

    /** A dimension divided by a number that must divide it. */
    static Dim quotient(InferContext c, Shape shape, int axis, Dim divisor) {
        Dim dim = shape.dim(axis);
        if (dim.isKnown() && dim.value() % divisor.value() != 0) {
            throw c.error("dimension " + axis + " of shape " + shape, "multiples of " + divisor, null);
        }
        return Dims.compute(c, () -> dim.dividedExactlyBy(divisor).orElseGet(() -> dim.floorDiv(divisor)));
    }
}
