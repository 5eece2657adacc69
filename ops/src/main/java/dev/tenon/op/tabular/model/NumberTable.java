package dev.tenon.op.tabular.model;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Finds numbers among the keys of a table. The last one of equal keys counts. Keys that are neighbours are the indices of an array.
 * Others have places by a hash, with a factor that is drawn when the JVM starts: nobody can choose keys that share a place.
 * Immutable and thread-safe.
 */
public final class NumberTable {
    /** The most places for each key of a table of neighbouring numbers. */
    private static final int MOST_PLACES = 4;

    private static final long FACTOR = new SplittableRandom().nextLong() | 1;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final int size;
    private final long least;

    /** The index of the key at each place, or -1. */
    private final int[] indices;

    /** The key at each place; null if the keys are neighbours, the first of which is {@link #least}. */
    private final long[] keys;

    /** The number of bits by which a hash is shifted to a place. */
    private final int shift;

    private NumberTable(long[] all) {
        size = all.length;
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (long key : all) {
            from = Math.min(from, key);
            to = Math.max(to, key);
        }
        least = from;
        long places = to - from + 1;
        if (places > 0 && places <= MOST_PLACES * (long) size) {
            shift = 0;
            keys = null;
            indices = new int[(int) places];
            Arrays.fill(indices, -1);
            for (int k = 0; k < size; k++) {
                indices[(int) (all[k] - least)] = k;
            }
            return;
        }
        int room = Integer.highestOneBit(Math.max(1, size)) * 4;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(room);
        keys = new long[room];
        indices = new int[room];
        Arrays.fill(indices, -1);
        for (int k = 0; k < size; k++) {
            int at = place(all[k]);
            while (indices[at] >= 0 && keys[at] != all[k]) {
                at = at + 1 & room - 1;
            }
            keys[at] = all[k];
            indices[at] = k;
        }
    }

    /**
     * A table of whole numbers.
     *
     * @param keys the keys
     * @return the table
     */
    public static NumberTable of(long... keys) {
        return new NumberTable(keys);
    }

    /**
     * A table of floating-point numbers. NaN is a key like others, and zeros of both signs are equal.
     *
     * @param keys the keys
     * @return the table, whose keys are the {@link #bits} of the numbers
     */
    public static NumberTable of(double... keys) {
        return new NumberTable(Arrays.stream(keys).mapToLong(NumberTable::bits).toArray());
    }

    /**
     * The whole number that stands for a floating-point number.
     *
     * @param number a number
     * @return equal numbers for equal ones, for zeros of both signs, and for NaNs
     */
    public static long bits(double number) {
        return Double.doubleToLongBits(number + 0.0);
    }

    private int place(long key) {
        long hash = key * FACTOR;
        return (int) ((hash ^ hash >>> Integer.SIZE) * SPREAD >>> shift);
    }

    /**
     * The number of keys.
     *
     * @return how many, equal ones included
     */
    public int size() {
        return size;
    }

    /**
     * Finds a number.
     *
     * @param number a whole number, or the {@link #bits} of another
     * @return the index of the equal key; -1 if there is none
     */
    public int find(long number) {
        if (keys == null) {
            // All places follow the least key, so a difference that overflows is none of them.
            long place = number - least;
            return Long.compareUnsigned(place, indices.length) < 0 ? indices[(int) place] : -1;
        }
        int at = place(number);
        while (indices[at] >= 0) {
            if (keys[at] == number) {
                return indices[at];
            }
            at = at + 1 & keys.length - 1;
        }
        return -1;
    }
}
