package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The shape of an operand while types are inferred. It is checked dimension by dimension against the dimensions that
 * other operands imply. A check never fails on a dimension that is not known.
 */
public final class OperandShape {
    private final InferContext c;
    private final String name;
    private final Shape shape;

    private OperandShape(InferContext c, String name, Shape shape) {
        this.c = c;
        this.name = name;
        this.shape = shape;
    }

    /**
     * The shape of an operand.
     *
     * @param c the operands
     * @param input the index of an operand that is there
     * @return its shape
     */
    public static OperandShape of(InferContext c, int input) {
        return new OperandShape(c, "'" + c.schemaInputs().get(input).name() + "'", c.shape(input));
    }

    /**
     * Checks the rank.
     *
     * @param allowed the ranks that are allowed, at least one
     * @return this
     * @throws InvalidOperandException if the rank is known and not allowed
     */
    public OperandShape rank(int... allowed) {
        boolean fits = !shape.hasRank();
        for (int rank : allowed) {
            fits |= shape.hasRank() && shape.rank() == rank;
        }
        if (!fits) {
            List<String> ranks =
                    Arrays.stream(allowed).mapToObj(r -> "rank " + r).toList();
            throw c.error(name + " has shape " + shape, String.join(" or ", ranks), null);
        }
        return this;
    }

    /**
     * Checks the least rank.
     *
     * @param least the least rank
     * @return this
     * @throws InvalidOperandException if the rank is known and less
     */
    public OperandShape rankFrom(int least) {
        if (shape.hasRank() && shape.rank() < least) {
            throw c.error(name + " has shape " + shape, "rank " + least + " and above", null);
        }
        return this;
    }

    /**
     * Checks the rank and every dimension.
     *
     * @param expected a dimension for each axis, null where any is allowed
     * @return this
     * @throws InvalidOperandException if the rank or a dimension is known and differs
     */
    public OperandShape is(Dim... expected) {
        if (!shape.hasRank()) {
            return this;
        }
        boolean fits = shape.rank() == expected.length;
        for (int i = 0; fits && i < expected.length; i++) {
            fits = expected[i] == null
                    || !expected[i].isKnown()
                    || !shape.dim(i).isKnown()
                    || expected[i].equals(shape.dim(i));
        }
        if (!fits) {
            List<String> dims = new ArrayList<>();
            for (Dim d : expected) {
                dims.add(d == null ? "?" : d.toString());
            }
            throw c.error(name + " has shape " + shape, "[" + String.join(",", dims) + "]", null);
        }
        return this;
    }

    /**
     * Checks that the operand holds one element.
     *
     * @return this
     * @throws InvalidOperandException if it is known that it holds none or several
     */
    public OperandShape single() {
        if (shape.isKnown() && shape.knownElements() != 1) {
            throw c.error(name + " has shape " + shape, "a scalar or one element", null);
        }
        return this;
    }

    /**
     * A dimension.
     *
     * @param axis an axis in [0, rank-1]
     * @return the dimension, or null if the rank is not known
     */
    public Dim dim(int axis) {
        return shape.hasRank() ? shape.dim(axis) : null;
    }

    /**
     * Tells whether the rank is known.
     *
     * @return true if it is
     */
    public boolean hasRank() {
        return shape.hasRank();
    }

    /**
     * The rank.
     *
     * @return the rank, or -1 if it is not known
     */
    public int rank() {
        return shape.hasRank() ? shape.rank() : -1;
    }

    /**
     * The shape itself.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * Chooses between two dimensions that must be equal.
     *
     * @param a a dimension, or null if nothing is known of it
     * @param b another, or null
     * @return the one that is known, if one is; null if nothing is known of either
     */
    public static Dim either(Dim a, Dim b) {
        if (a == null || b != null && b.isKnown() && !a.isKnown()) {
            return b;
        }
        return a;
    }

    /**
     * A dimension, or a fresh symbol in its place.
     *
     * @param c the operands
     * @param d a dimension, or null if nothing is known of it
     * @return the dimension or a symbol that occurs nowhere else
     */
    public static Dim orFresh(InferContext c, Dim d) {
        return d == null ? c.freshDim() : d;
    }
}
