package dev.tenon.serving.run;

import java.util.Arrays;

/** The shapes of a row of all inputs: only calls with equal ones are merged. A padded dimension is -1. Immutable. */
public final class RowShape {
    private final long[] dims;
    private final int hash;

    /**
     * Some shapes.
     *
     * @param dims the rank of each input, followed by its dimensions without the first; owned by the new object
     */
    public RowShape(long[] dims) {
        this.dims = dims;
        this.hash = Arrays.hashCode(dims);
    }

    /** {@return how many numbers {@link #get} has} */
    public int length() {
        return dims.length;
    }

    /**
     * One of the ranks and dimensions.
     *
     * @param i its index
     * @return the number; -1 for a dimension that is padded
     */
    public long get(int i) {
        return dims[i];
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof RowShape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
