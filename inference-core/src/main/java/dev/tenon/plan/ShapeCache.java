package dev.tenon.plan;

import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.List;

/**
 * A map from input shapes to values that were made for them. Each value has a weight. If the sum of the weights goes
 * over a bound, the least recently used values are removed. Caches may share a bound: then the sum is that of all of
 * them, and the value that goes is the least recently used one of all of them. Look-ups allocate nothing. Caches that
 * share a bound are used by one thread at a time; {@link #lock} is an object to lock them by.
 *
 * @param <V> the class of the values
 */
public final class ShapeCache<V> {
    private static final class Entry<V> {
        private final ShapeCache<V> owner;
        private final ShapeKey key;
        private final V value;
        private final long weight;
        private Entry<V> chain;
        private Entry<V> older;
        private Entry<V> newer;

        private Entry(ShapeCache<V> owner, ShapeKey key, V value, long weight) {
            this.owner = owner;
            this.key = key;
            this.value = value;
            this.weight = weight;
        }
    }

    private Entry<V>[] table = newTable(16);
    private int size;

    /** The value that was used last; null if there is none or it was removed. */
    private Entry<V> last;

    /** The cache that has the bound and the list of all values under it: this one, or another. */
    private final ShapeCache<V> bound;

    private final long maxWeight;
    private long weight;
    private int count;
    private Entry<V> newest;
    private Entry<V> oldest;

    /**
     * An empty cache.
     *
     * @param maxWeight the bound; the newest value is kept even if it is heavier
     */
    public ShapeCache(long maxWeight) {
        this.maxWeight = maxWeight;
        this.bound = this;
    }

    /**
     * An empty cache that shares the bound of another one.
     *
     * @param other the other cache
     */
    public ShapeCache(ShapeCache<V> other) {
        this.maxWeight = other.maxWeight;
        this.bound = other.bound;
    }

    @SuppressWarnings("unchecked")
    private static <V> Entry<V>[] newTable(int length) {
        return (Entry<V>[]) new Entry<?>[length];
    }

    /**
     * An object that all caches under one bound have.
     *
     * @return always the same object
     */
    public Object lock() {
        return bound;
    }

    /**
     * Finds the value for the shapes of some inputs, and marks it as used.
     *
     * @param inputs the inputs
     * @return the value, or null if there is none
     */
    public V get(Datum[] inputs) {
        Entry<V> e = last;
        if (e == null || !e.key.matches(inputs)) {
            e = table[ShapeKey.hash(inputs) & (table.length - 1)];
            while (e != null && !e.key.matches(inputs)) {
                e = e.chain;
            }
            if (e == null) {
                return null;
            }
            last = e;
        }
        if (e != bound.newest) {
            bound.unlink(e);
            bound.link(e);
        }
        return e.value;
    }

    /**
     * Adds a value for input shapes that have none.
     *
     * @param key the shapes
     * @param value the value
     * @param itsWeight its weight
     * @return the values that were removed for it, of any cache that shares the bound
     */
    public List<V> put(ShapeKey key, V value, long itsWeight) {
        if (size >= table.length) {
            grow();
        }
        Entry<V> e = new Entry<>(this, key, value, itsWeight);
        int bucket = key.hashCode() & (table.length - 1);
        e.chain = table[bucket];
        table[bucket] = e;
        size++;
        last = e;
        return bound.add(e);
    }

    private List<V> add(Entry<V> e) {
        count++;
        weight += e.weight;
        link(e);
        List<V> removed = List.of();
        while (weight > maxWeight && count > 1) {
            Entry<V> first = oldest;
            first.owner.unchain(first);
            drop(first);
            removed = removed.isEmpty() ? new ArrayList<>() : removed;
            removed.add(first.value);
        }
        return removed;
    }

    /**
     * Removes all values of this cache.
     *
     * @return the values
     */
    public List<V> clear() {
        List<V> removed = new ArrayList<>();
        for (Entry<V> head : table) {
            for (Entry<V> e = head; e != null; e = e.chain) {
                bound.drop(e);
                removed.add(e.value);
            }
        }
        table = newTable(16);
        size = 0;
        last = null;
        return removed;
    }

    /** Removes all values of all caches that share the bound. */
    public void clearAll() {
        while (bound.oldest != null) {
            Entry<V> first = bound.oldest;
            first.owner.unchain(first);
            bound.drop(first);
        }
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
     * The sum of the weights of all values under the bound.
     *
     * @return the sum
     */
    public long weight() {
        return bound.weight;
    }

    /**
     * The input shapes that have a value.
     *
     * @return the keys, the least recently used first
     */
    public List<ShapeKey> keys() {
        List<ShapeKey> keys = new ArrayList<>();
        for (Entry<V> e = bound.oldest; e != null; e = e.newer) {
            if (e.owner == this) {
                keys.add(e.key);
            }
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

    /** Removes an entry from the table of this cache. */
    private void unchain(Entry<V> e) {
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
        if (last == e) {
            last = null;
        }
    }

    /** Removes an entry from the list under the bound. */
    private void drop(Entry<V> e) {
        unlink(e);
        count--;
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
