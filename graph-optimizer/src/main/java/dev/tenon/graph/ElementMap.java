package dev.tenon.graph;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A map whose keys are the values of one graph, or its nodes. It finds entries by the numbers of the keys, which takes less time
 * and memory than hashing them, the more so in large graphs: values that a pass meets one after another have neighbouring
 * entries.
 *
 * <p>A value of another graph is not found, although a value of this graph has its number. Confined to one thread while it
 * is filled.
 *
 * @param <K> values or nodes
 * @param <V> what is known of one
 */
public final class ElementMap<K extends GraphElement, V> {
    private static final int LEAST = 16;

    private Object[] keys;
    private Object[] entries;

    /**
     * An empty map.
     *
     * @param expected about how many elements the graph has; the map grows if there are more
     */
    public ElementMap(int expected) {
        this.keys = new Object[expected];
        this.entries = new Object[expected];
    }

    /**
     * The entry of an element.
     *
     * @param key a value or node, perhaps of another graph, or null
     * @return the entry, or null if there is none
     */
    public V get(K key) {
        return getOrDefault(key, null);
    }

    /**
     * The entry of an element.
     *
     * @param key a value or node, perhaps of another graph, or null
     * @param absent the result if there is none
     * @return the entry
     */
    @SuppressWarnings("unchecked")
    public V getOrDefault(K key, V absent) {
        return containsKey(key) ? (V) entries[key.number()] : absent;
    }

    /**
     * Whether there is an entry of an element.
     *
     * @param key a value or node, perhaps of another graph, or null
     * @return true if there is one
     */
    public boolean containsKey(K key) {
        return key != null && key.number() < keys.length && keys[key.number()] == key;
    }

    /**
     * Sets the entry of an element.
     *
     * @param key a value or node of the graph
     * @param entry the entry, not null
     * @throws IllegalArgumentException if the map has an element of another graph
     */
    public void put(K key, V entry) {
        int i = key.number();
        if (i >= keys.length) {
            int length = Math.max(Math.max(LEAST, i + 1), keys.length + (keys.length >> 1));
            keys = Arrays.copyOf(keys, length);
            entries = Arrays.copyOf(entries, length);
        }
        if (keys[i] != null && keys[i] != key) {
            throw new IllegalArgumentException(key + " is of another graph than " + keys[i]);
        }
        keys[i] = key;
        entries[i] = entry;
    }

    /**
     * Sets the entry of an element that has none.
     *
     * @param key a value or node of the graph
     * @param entry the entry, not null
     */
    public void putIfAbsent(K key, V entry) {
        if (!containsKey(key)) {
            put(key, entry);
        }
    }

    /**
     * The entry of an element, which is made if there is none.
     *
     * @param key a value or node of the graph
     * @param maker makes it
     * @return the entry
     */
    public V computeIfAbsent(K key, Supplier<V> maker) {
        V known = get(key);
        if (known == null) {
            known = maker.get();
            put(key, known);
        }
        return known;
    }
}
