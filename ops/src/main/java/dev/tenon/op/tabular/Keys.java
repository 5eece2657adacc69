package dev.tenon.op.tabular;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.StringTable;
import dev.tenon.tensor.Tensor;
import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * The keys of a table: strings, or numbers as {@link Long} or {@link Double}. It is an unmodifiable list that finds elements of
 * tensors among its own. The last one of equal keys counts. What it needs to find them is made once, when it is first asked.
 *
 * @param <E> the type of the keys
 */
final class Keys<E> extends AbstractList<E> implements RandomAccess {
    /** The most places for each key of a table of neighbouring numbers. */
    private static final int MOST_PLACES = 4;

    /** Finds elements. */
    private interface Finder {
        /** The index of the key that is equal to an element, or -1. */
        int find(Tensor x, long i);
    }

    /** Finds integers. */
    private interface IntegerFinder {
        /** The index of the key that is equal to a number, or -1. */
        int find(long number);
    }

    /** The keys as elements of a tensor, and one element more. */
    private record Elements(DType type, Object last, Tensor tensor) {}

    private final List<E> all;

    // Two threads may make them at the same time, which gives equal ones.
    private volatile Finder finder;
    private volatile IntegerFinder integerFinder;
    private volatile Elements elements;

    private Keys(List<E> all) {
        this.all = all;
    }

    static <E> Keys<E> of(List<E> keys) {
        return keys instanceof Keys<E> own ? own : new Keys<>(List.copyOf(keys));
    }

    @Override
    public E get(int i) {
        return all.get(i);
    }

    @Override
    public int size() {
        return all.size();
    }

    /**
     * The index of the key that is equal to an element of a tensor; -1 if there is none. Zeros of both signs are equal.
     *
     * @param x a tensor of strings if the keys are strings; of floats if they are Double, else of integers
     * @param i the index of the element
     */
    int find(Tensor x, long i) {
        Finder own = finder;
        if (own == null) {
            own = finder();
            finder = own;
        }
        return own.find(x, i);
    }

    private Finder finder() {
        if (all.isEmpty()) {
            return (x, i) -> -1;
        }
        if (all.getFirst() instanceof String) {
            return StringTable.of(Tensor.of(all.toArray(String[]::new)))::find;
        }
        if (all.getFirst() instanceof Long) {
            IntegerFinder integers = integers();
            return (x, i) -> integers.find(x.getLong(i));
        }
        return reals();
    }

    /**
     * The index of the key that is equal to a number; -1 if there is none. All keys are Long.
     *
     * @param number the number
     */
    int find(long number) {
        IntegerFinder own = integerFinder;
        if (own == null) {
            own = integers();
            integerFinder = own;
        }
        return own.find(number);
    }

    private IntegerFinder integers() {
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (E key : all) {
            least = Math.min(least, (Long) key);
            most = Math.max(most, (Long) key);
        }
        long places = most - least + 1;
        if (places > 0 && places <= MOST_PLACES * (long) all.size()) {
            return neighbours(least, (int) places);
        }
        Map<Long, Integer> indices = new HashMap<>();
        for (int k = 0; k < all.size(); k++) {
            indices.put((Long) all.get(k), k);
        }
        return number -> indices.getOrDefault(number, -1);
    }

    private IntegerFinder neighbours(long least, int places) {
        int[] indices = new int[places];
        for (int k = 0; k < all.size(); k++) {
            indices[(int) ((Long) all.get(k) - least)] = k + 1;
        }
        return number -> {
            // A difference that overflows is negative, or far above all places.
            long place = number - least;
            return number >= least && place >= 0 && place < indices.length ? indices[(int) place] - 1 : -1;
        };
    }

    private Finder reals() {
        Map<Double, Integer> indices = new HashMap<>();
        for (int k = 0; k < all.size(); k++) {
            indices.put((Double) all.get(k) + 0.0, k);
        }
        return (x, i) -> indices.getOrDefault(x.getDouble(i) + 0.0, -1);
    }

    /**
     * The keys as elements of a tensor, and one element more after them. It must not be changed.
     *
     * @param type the element type
     * @param last the last element
     */
    Tensor elements(DType type, Object last) {
        Elements known = elements;
        if (known == null || known.type() != type || !known.last().equals(last)) {
            Tensor t = Tensor.allocate(type, all.size() + 1L);
            for (int k = 0; k < all.size(); k++) {
                put(t, k, all.get(k));
            }
            put(t, all.size(), last);
            known = new Elements(type, last, t);
            elements = known;
        }
        return known.tensor();
    }

    private static void put(Tensor t, long i, Object element) {
        switch (element) {
            case Long l -> t.setLong(i, l);
            case Double d -> t.setDouble(i, d);
            default -> t.setString(i, (String) element);
        }
    }
}
