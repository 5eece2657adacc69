package dev.tenon.text.model;

import dev.tenon.error.ResourceLimitException;
import java.util.Arrays;

/**
 * A prefix tree that maps texts to ids. Its edges are code points, stored in one hash table with open addressing, so that a
 * look-up creates no object. One thread fills it, then any number of threads read it.
 */
public final class TokenTrie {
    /** The node of the empty text. */
    public static final int ROOT = 0;

    /** The value for no node and for no id. */
    public static final int NONE = -1;

    /** The most code points of a text, because whoever looks for texts may go that far at each position. */
    public static final int MAX_LENGTH = 512;

    private static final int CODE_POINT_BITS = 21;
    private static final int MAX_SLOTS = 1 << 26;

    private long[] keys = new long[1 << 10];
    private int[] children = new int[1 << 10];
    private int[] ids = new int[1 << 9];
    private int nodes = 1;

    /** Makes an empty tree. */
    public TokenTrie() {
        Arrays.fill(ids, NONE);
    }

    /**
     * Adds a text. If the tree has it already, its id stays.
     *
     * @param text the text, not empty
     * @param id its id, not negative
     * @throws ResourceLimitException if the text has more than {@link #MAX_LENGTH} code points, or the tree too many nodes
     */
    public void add(String text, int id) {
        if (text.length() > MAX_LENGTH && text.codePointCount(0, text.length()) > MAX_LENGTH) {
            throw new ResourceLimitException(
                    "token " + id + " of the vocabulary",
                    "a text of " + text.length() + " characters",
                    "at most " + MAX_LENGTH,
                    "remove the token");
        }
        int node = ROOT;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = step(node, c);
            node = next == NONE ? insert(node, c) : next;
            i += Character.charCount(c);
        }
        if (ids[node] == NONE) {
            ids[node] = id;
        }
    }

    /**
     * Goes along an edge.
     *
     * @param node the node where it begins
     * @param c its code point
     * @return the node where it ends, or {@link #NONE}
     */
    public int step(int node, int c) {
        long key = key(node, c);
        int slot = HashSlots.first(key, keys.length);
        while (keys[slot] != key) {
            if (keys[slot] == 0) {
                return NONE;
            }
            slot = HashSlots.next(slot, keys.length);
        }
        return children[slot];
    }

    /**
     * Goes along a text from the root.
     *
     * @param text the text
     * @return the node where it ends, or {@link #NONE}
     */
    public int walk(String text) {
        int node = ROOT;
        for (int i = 0; i < text.length() && node != NONE; ) {
            int c = text.codePointAt(i);
            node = step(node, c);
            i += Character.charCount(c);
        }
        return node;
    }

    /**
     * The id of the text that ends at a node.
     *
     * @param node the node
     * @return the id, or {@link #NONE}
     */
    public int id(int node) {
        return ids[node];
    }

    /** {@return whether no text was added} */
    public boolean isEmpty() {
        return nodes == 1;
    }

    private int insert(int node, int c) {
        if (nodes * 2 >= keys.length) {
            grow();
        }
        int child = nodes++;
        put(key(node, c), child);
        return child;
    }

    private void grow() {
        if (keys.length == MAX_SLOTS) {
            throw new ResourceLimitException(
                    "tokens of the vocabulary",
                    "more than " + MAX_SLOTS / 2 + " different beginnings of tokens",
                    null,
                    "use a smaller vocabulary");
        }
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
        int slot = HashSlots.first(key, keys.length);
        while (keys[slot] != 0) {
            slot = HashSlots.next(slot, keys.length);
        }
        keys[slot] = key;
        children[slot] = child;
    }

    // Adds one so that no key is 0, which marks a free slot.
    private static long key(int node, int c) {
        return ((long) node << CODE_POINT_BITS | c) + 1;
    }
}
