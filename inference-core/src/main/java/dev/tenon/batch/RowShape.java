package dev.tenon.batch;

import java.util.Arrays;

/** The shapes of a row of all inputs: only calls with equal ones are merged. A padded dimension is -1. Immutable. */
public final class RowShape {
    private final long[] dims;
    private final int hash;

    /** Takes ownership of the array: the rank of each input, then its dimensions without the first. */
    public RowShape(long[] dims) {
        this.dims = dims;
        this.hash = Arrays.hashCode(dims);
    }

    public int length() {
        return dims.length;
    }

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
