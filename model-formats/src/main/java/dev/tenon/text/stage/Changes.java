package dev.tenon.text.stage;

import java.util.Arrays;

/** New code points, each with a number that tells how it follows from old ones. For one thread at a time. */
public final class Changes {
    private int[] codePoints = new int[64];
    private int[] changes = new int[64];
    private final int limit;
    private int size;

    /**
     * Makes an empty list.
     *
     * @param limit the most code points that it may have
     */
    public Changes(int limit) {
        this.limit = limit;
    }

    /** Removes all. */
    public void clear() {
        size = 0;
    }

    /** {@return the number of code points} */
    public int size() {
        return size;
    }

    /**
     * A code point.
     *
     * @param index its index
     * @return the code point
     */
    public int codePoint(int index) {
        return codePoints[index];
    }

    /**
     * The change of a code point.
     *
     * @param index its index
     * @return 0 if it replaces an old one, -n if n old ones after that are dropped, 1 if it is new
     */
    public int change(int index) {
        return changes[index];
    }

    /**
     * Appends a code point.
     *
     * @param codePoint the code point
     * @param change its change
     */
    public void add(int codePoint, int change) {
        if (size == codePoints.length) {
            if (size >= limit) {
                throw AlignedText.tooLong(limit);
            }
            int larger = (int) Math.min(2L * size, limit);
            codePoints = Arrays.copyOf(codePoints, larger);
            changes = Arrays.copyOf(changes, larger);
        }
        codePoints[size] = codePoint;
        changes[size++] = change;
    }

    /**
     * Sets the change of a code point.
     *
     * @param index its index
     * @param change the new change
     */
    public void setChange(int index, int change) {
        changes[index] = change;
    }

    /**
     * Appends a list.
     *
     * @param other the list
     */
    public void addAll(Changes other) {
        for (int i = 0; i < other.size; i++) {
            add(other.codePoints[i], other.changes[i]);
        }
    }

    /**
     * Replaces a part.
     *
     * @param from the index of the first code point to replace
     * @param other the new ones, no more than there are from that index on
     */
    public void replace(int from, Changes other) {
        System.arraycopy(other.codePoints, 0, codePoints, from, other.size);
        System.arraycopy(other.changes, 0, changes, from, other.size);
    }
}
