package dev.tenon.samples.text;

import java.util.Arrays;

/**
 * A prefix tree that maps strings to ids. Its edges are UTF-16 code units, stored in one hash table with open
 * addressing, so that a look-up creates no object. One thread fills it, then any number of threads read it.
 */
final class TokenTrie {
    /** The node of the empty string. */
    static final int ROOT = 0;

    /** The value for no node and for no id. */
    static final int NONE = -1;

    private long[] keys = new long[1 << 10];
    private int[] children = new int[1 << 10];
    private int[] ids = new int[1 << 9];
    private int nodes = 1;

    TokenTrie() {
        Arrays.fill(ids, NONE);
    }

    /**
     * Adds a string.
     *
     * @param text the string, not empty
     * @param id its id, not negative
     * @return false if the tree has the string already; its id is then unchanged
     */
    boolean add(CharSequence text, int id) {
        int node = ROOT;
        for (int i = 0; i < text.length(); i++) {
            int next = step(node, text.charAt(i));
            node = next == NONE ? insert(node, text.charAt(i)) : next;
        }
        if (ids[node] != NONE) {
            return false;
        }
        ids[node] = id;
        return true;
    }

    /** The node that a code unit leads to, or {@link #NONE}. */
    int step(int node, char unit) {
        long key = key(node, unit);
        int slot = slot(key);
        while (keys[slot] != key) {
            if (keys[slot] == 0) {
                return NONE;
            }
            slot = (slot + 1) & (keys.length - 1);
        }
        return children[slot];
    }

    /** The node that a string leads to from the root, or {@link #NONE}. */
    int walk(CharSequence text) {
        int node = ROOT;
        for (int i = 0; i < text.length() && node != NONE; i++) {
            node = step(node, text.charAt(i));
        }
        return node;
    }

    /** The id of the string that ends at a node, or {@link #NONE}. */
    int id(int node) {
        return ids[node];
    }

    boolean isEmpty() {
        return nodes == 1;
    }

    private int insert(int node, char unit) {
        if (nodes * 2 >= keys.length) {
            grow();
        }
        int child = nodes++;
        put(key(node, unit), child);
        return child;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldChildren = children;
        int oldIds = ids.length;
        keys = new long[oldKeys.length * 2];
        children = new int[oldKeys.length * 2];
        ids = Arrays.copyOf(ids, oldIds * 2);
        Arrays.fill(ids, oldIds, ids.length, NONE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                put(oldKeys[i], oldChildren[i]);
            }
        }
    }

    private void put(long key, int child) {
        int slot = slot(key);
        while (keys[slot] != 0) {
            slot = (slot + 1) & (keys.length - 1);
        }
        keys[slot] = key;
        children[slot] = child;
    }

    // Adds one so that no key is 0, which marks a free slot.
    private static long key(int node, char unit) {
        return ((long) node << 16 | unit) + 1;
    }

    // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio. The upper bits of the product are well
    // mixed.
    private int slot(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> (64 - Integer.numberOfTrailingZeros(keys.length)));
    }
}
