package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The shape of a tensor type: a list of dimensions, each known or symbolic, or an unknown rank. Immutable, compares by
 * value, thread-safe.
 */
public final class Shape {
    private static final Shape UNKNOWN_RANK = new Shape(null);
    private static final Shape SCALAR = new Shape(new Dim[0]);

    private final Dim[] dims;
    private final boolean known;

    private Shape(Dim[] dims) {
        this.dims = dims;
        boolean allKnown = dims != null;
        if (dims != null) {
            for (Dim dim : dims) {
                if (dim.orElse(0) < 0) {
                    throw new InvalidTensorException(
                            "shape " + text(dims), "dimension " + dim + " is negative", "0 and above", null);
                }
                allKnown &= dim.isKnown();
            }
        }
        this.known = allKnown;
    }

    /**
     * A shape of known dimensions.
     *
     * @param dims the dimensions, each at least 0; none for a scalar
     * @return the shape
     * @throws InvalidTensorException if one is negative
     */
    public static Shape of(long... dims) {
        if (dims.length == 0) {
            return SCALAR;
        }
        Dim[] out = new Dim[dims.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Dim.of(dims[i]);
        }
        return new Shape(out);
    }

    /**
     * A shape of dimensions.
     *
     * @param dims the dimensions; a known one is at least 0
     * @return the shape
     * @throws InvalidTensorException if a known one is negative
     */
    public static Shape of(List<Dim> dims) {
        return dims.isEmpty() ? SCALAR : new Shape(dims.toArray(new Dim[0]));
    }

    /**
     * A shape of dimensions.
     *
     * @param dims the dimensions; a known one is at least 0
     * @return the shape
     * @throws InvalidTensorException if a known one is negative
     */
    public static Shape of(Dim... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /** {@return the shape of rank 0, which has one element} */
    public static Shape scalar() {
        return SCALAR;
    }

    /** {@return the shape of unknown rank} */
    public static Shape unknownRank() {
        return UNKNOWN_RANK;
    }

    /** {@return whether the rank is known} */
    public boolean hasRank() {
        return dims != null;
    }

    /**
     * The number of dimensions.
     *
     * @return the rank
     * @throws InvalidTensorException if it is unknown
     */
    public int rank() {
        return ranked().length;
    }

    /**
     * One dimension.
     *
     * @param i its index; -1 is the last, -2 the one before
     * @return the dimension
     * @throws InvalidTensorException if the rank is unknown or the index is outside [-rank, rank-1]
     */
    public Dim dim(int i) {
        return dims[index(i)];
    }

    private int index(int i) {
        int rank = ranked().length;
        if (i < -rank || i >= rank) {
            throw new InvalidTensorException(
                    "shape " + this,
                    "dimension " + i + " does not exist",
                    rank == 0 ? "none, the shape is a scalar's" : "[" + -rank + ", " + (rank - 1) + "]",
                    null);
        }
        return i < 0 ? i + rank : i;
    }

    /**
     * All dimensions.
     *
     * @return an unmodifiable list
     * @throws InvalidTensorException if the rank is unknown
     */
    public List<Dim> dims() {
        return List.of(ranked());
    }

    /** {@return whether the rank and every dimension are known} */
    public boolean isKnown() {
        return known;
    }

    /**
     * The dimensions as numbers.
     *
     * @return a new array
     * @throws InvalidTensorException if the rank or a dimension is unknown
     */
    public long[] toArray() {
        Dim[] from = ranked();
        long[] out = new long[from.length];
        for (int i = 0; i < out.length; i++) {
            if (!from[i].isKnown()) {
                throw new InvalidTensorException(
                        "shape " + this,
                        "dimension " + i + " is symbolic where numbers are needed",
                        null,
                        "bind " + TextReader.excerpt(String.join(", ", from[i].symbols())));
            }
            out[i] = from[i].value();
        }
        return out;
    }

    /**
     * The number of elements: the product of the dimensions, 1 for a scalar.
     *
     * @return the product; 0 if a dimension is 0
     * @throws InvalidTensorException if the rank is unknown or the product overflows
     */
    public Dim elements() {
        Dim[] from = ranked();
        for (Dim dim : from) {
            if (dim.isKnown() && dim.value() == 0) {
                return dim;
            }
        }
        Dim product = Dim.of(1);
        for (Dim dim : from) {
            product = product.times(dim);
        }
        return product;
    }

    /**
     * The number of elements as a number.
     *
     * @return the product of the dimensions
     * @throws InvalidTensorException if the rank or a dimension is unknown, or the product overflows
     */
    public long knownElements() {
        return known ? count("", toArray()) : elements().value();
    }

    /**
     * The product of dimensions. Fails for negative ones and on overflow.
     *
     * @param type the text before the dimensions in messages, which may be empty
     * @param dims the dimensions
     * @return the product
     */
    static long count(String type, long[] dims) {
        boolean empty = false;
        for (long dim : dims) {
            if (dim < 0) {
                throw new InvalidTensorException(
                        "shape " + type + text(dims), "dimension " + dim + " is negative", "0 and above", null);
            }
            empty |= dim == 0;
        }
        if (empty) {
            return 0;
        }
        long product = 1;
        for (long dim : dims) {
            if (product > Long.MAX_VALUE / dim) {
                throw new InvalidTensorException(
                        "shape " + type + text(dims), "the number of elements overflows", "products below 2^63", null);
            }
            product *= dim;
        }
        return product;
    }

    /**
     * This with symbols replaced.
     *
     * @param bindings the replacement of each symbol; null keeps it
     * @return the shape; this itself if nothing changed
     * @throws InvalidTensorException if a dimension becomes negative or can't be computed
     */
    public Shape substitute(Function<String, Dim> bindings) {
        if (known || dims == null) {
            return this;
        }
        Dim[] out = new Dim[dims.length];
        boolean changed = false;
        for (int i = 0; i < out.length; i++) {
            out[i] = dims[i].substitute(bindings);
            changed |= !out[i].equals(dims[i]);
        }
        return changed ? new Shape(out) : this;
    }

    /**
     * This with symbols replaced.
     *
     * @param bindings the replacement of symbols; others stay
     * @return the shape
     * @throws InvalidTensorException if a dimension becomes negative or can't be computed
     */
    public Shape substitute(Map<String, Dim> bindings) {
        return substitute((Function<String, Dim>) bindings::get);
    }

    /**
     * This with one dimension replaced.
     *
     * @param i its index, negative ones counting from the end
     * @param dim the dimension to put there
     * @return the shape
     * @throws InvalidTensorException if there is no such dimension, or a known one is negative
     */
    public Shape withDim(int i, Dim dim) {
        int index = index(i);
        Dim[] out = dims.clone();
        out[index] = dim;
        return new Shape(out);
    }

    /**
     * Whether this may equal another shape for some sizes of the symbols. Symbols of one name in both are one symbol.
     * Dimensions are compared one by one.
     *
     * @param other the other shape
     * @return false only if the two are known to differ
     */
    public boolean compatibleWith(Shape other) {
        if (dims == null || other.dims == null) {
            return true;
        }
        if (dims.length != other.dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (DimBounds.differ(dims[i], other.dims[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * The shape that two shapes broadcast to, by the rules of NumPy. Dimensions are aligned at the end, and
     * {@link Dim#broadcast} joins them.
     *
     * @param a one shape
     * @param b the other
     * @return the shape of the result; of unknown rank if one of the two is
     * @throws InvalidTensorException if the two can't be broadcast for any sizes
     */
    public static Shape broadcast(Shape a, Shape b) {
        if (a.dims == null || b.dims == null) {
            return UNKNOWN_RANK;
        }
        if (a.equals(b)) {
            return a;
        }
        Dim[] out = new Dim[Math.max(a.dims.length, b.dims.length)];
        for (int i = 1; i <= out.length; i++) {
            Dim x = i <= a.dims.length ? a.dims[a.dims.length - i] : Dim.of(1);
            Dim y = i <= b.dims.length ? b.dims[b.dims.length - i] : Dim.of(1);
            try {
                out[out.length - i] = x.broadcast(y);
            } catch (InvalidTensorException e) {
                throw new InvalidTensorException(
                        "broadcast",
                        "shapes " + a + " and " + b + " differ in dimension -" + i + ", " + x + " and " + y,
                        "equal dimensions, or one of them 1",
                        null,
                        e);
            }
        }
        return new Shape(out);
    }

    /**
     * Reads a shape as {@link #toString()} writes it.
     *
     * @param text the text, like {@code [1,12,batch,128]}, {@code []} or {@code [*]}
     * @return the shape
     * @throws InvalidTensorException if the text is no shape, or a known dimension is negative
     */
    public static Shape parse(String text) {
        TextReader in = new TextReader("shape", text);
        Shape shape = read(in);
        in.expectEnd();
        return shape;
    }

    static Shape read(TextReader in) {
        in.expect('[');
        if (in.accept('*')) {
            in.expect(']');
            return UNKNOWN_RANK;
        }
        if (in.accept(']')) {
            return SCALAR;
        }
        List<Dim> dims = new ArrayList<>();
        do {
            dims.add(DimParser.expression(in));
        } while (in.accept(','));
        in.expect(']');
        return of(dims);
    }

    private Dim[] ranked() {
        if (dims == null) {
            throw new InvalidTensorException(
                    "shape [*]", "has unknown rank where the rank is needed", null, "give the value a shape");
        }
        return dims;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Shape that && Arrays.equals(dims, that.dims));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** {@return the text that {@link #parse} reads: {@code [1,12,batch,128]}, {@code [*]} for unknown rank} */
    @Override
    public String toString() {
        return dims == null ? "[*]" : text(dims);
    }

    private static String text(long[] dims) {
        return Arrays.toString(dims).replace(" ", "");
    }

    private static String text(Dim[] dims) {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < dims.length; i++) {
            out.append(i == 0 ? "" : ",").append(dims[i]);
        }
        return out.append(']').toString();
    }
}
