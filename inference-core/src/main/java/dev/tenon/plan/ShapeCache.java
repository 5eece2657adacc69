package dev.tenon.plan;

import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.List;

/**
 * A map from input shapes to values that were made for them. Each value has a weight. If the sum of the weights goes
 * over a bound, the least recently used values are removed. Look-ups allocate nothing. For one thread at a time.
 *
 * @param <V> the class of the values
 */
public final class ShapeCache<V> {
    private static final class Entry<V> {
        private final ShapeKey key;
        private final V value;
        private final long weight;
        private Entry<V> chain;
        private Entry<V> older;
        private Entry<V> newer;

        private Entry(ShapeKey key, V value, long weight) {
            this.key = key;
            this.value = value;
            this.weight = weight;
        }
    }

    private final long maxWeight;
    private Entry<V>[] table = newTable(16);
    private int size;
    private long weight;
    private Entry<V> newest;
    private Entry<V> oldest;

    /**
     * An empty cache.
     *
     * @param maxWeight the bound; the newest value is kept even if it is heavier
     */
    public ShapeCache(long maxWeight) {
        this.maxWeight = maxWeight;
    }

    @SuppressWarnings("unchecked")
    private static <V> Entry<V>[] newTable(int length) {
        return (Entry<V>[]) new Entry<?>[length];
    }

    /**
     * Finds the value for the shapes of some inputs, and marks it as used.
     *
     * @param inputs the inputs
     * @return the value, or null if there is none
     */
    public V get(Datum[] inputs) {
        if (newest != null && newest.key.matches(inputs)) {
            return newest.value;
        }
        Entry<V> e = table[ShapeKey.hash(inputs) & (table.length - 1)];
        while (e != null && !e.key.matches(inputs)) {
            e = e.chain;
        }
        if (e == null) {
            return null;
        }
        unlink(e);
        link(e);
        return e.value;
    }

    /**
     * Adds a value for input shapes that have none.
     *
     * @param key the shapes
     * @param value the value
     * @param itsWeight its weight
     */
    public void put(ShapeKey key, V value, long itsWeight) {
        if (size >= table.length) {
            grow();
        }
        Entry<V> e = new Entry<>(key, value, itsWeight);
        int bucket = key.hashCode() & (table.length - 1);
        e.chain = table[bucket];
        table[bucket] = e;
        size++;
        weight += itsWeight;
        link(e);
        while (weight > maxWeight && size > 1) {
            remove(oldest);
        }
    }

    /** Removes all values. */
    public void clear() {
        table = newTable(16);
        size = 0;
        weight = 0;
        newest = null;
        oldest = null;
    }

    /**
     * The number of entries.
     *
     * @return the number
     */
    public int size() {
        return size;
    }

    /**
     * The input shapes that have a value.
     *
     * @return the keys, the least recently used first
     */
    public List<ShapeKey> keys() {
        List<ShapeKey> keys = new ArrayList<>();
        for (Entry<V> e = oldest; e != null; e = e.newer) {
            keys.add(e.key);
        }
        return keys;
    }

    private void grow() {
        Entry<V>[] old = table;
        table = newTable(old.length * 2);
        for (Entry<V> head : old) {
            Entry<V> e = head;
            while (e != null) {
                Entry<V> next = e.chain;
                int bucket = e.key.hashCode() & (table.length - 1);
                e.chain = table[bucket];
                table[bucket] = e;
                e = next;
            }
        }
    }

    private void remove(Entry<V> e) {
        unlink(e);
        int bucket = e.key.hashCode() & (table.length - 1);
        if (table[bucket] == e) {
            table[bucket] = e.chain;
        } else {
            Entry<V> p = table[bucket];
            while (p.chain != e) {
                p = p.chain;
            }
            p.chain = e.chain;
        }
        size--;
        weight -= e.weight;
    }

    private void link(Entry<V> e) {
        e.older = newest;
        e.newer = null;
        if (newest != null) {
            newest.newer = e;
        }
        newest = e;
        if (oldest == null) {
            oldest = e;
        }
    }

    private void unlink(Entry<V> e) {
        if (e.older == null) {
            oldest = e.newer;
        } else {
            e.older.newer = e.newer;
        }
        if (e.newer == null) {
            newest = e.older;
        } else {
            e.newer.older = e.older;
        }
    }
}
