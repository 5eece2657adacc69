package dev.tenon.samples.text;

import java.util.Arrays;

/** Token ids in an array that grows, and the number of ids after which no more are needed. For one thread at a time. */
final class IdList {
    private final int enough;
    private int[] ids = new int[64];
    private int size;

    /**
     * Makes an empty list.
     *
     * @param enough the size from which on {@link #isFull()} is true; more ids can still be added
     */
    IdList(int enough) {
        this.enough = enough;
    }

    int size() {
        return size;
    }

    int get(int index) {
        return ids[index];
    }

    boolean isFull() {
        return size >= enough;
    }

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
        }
        ids[size++] = id;
    }

    /** Removes all ids from an index on. */
    void cut(int newSize) {
        size = newSize;
    }
}
