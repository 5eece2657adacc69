package dev.tenon.text.stage;

import java.util.Arrays;

/**
 * Ranges of a text in order, each a match or not. Together they cover the text. One object serves all pieces of a text, so
 * that the pieces together have one allowance of steps. For one thread at a time.
 */
public final class Spans {
    private static final long FREE_STEPS = 100_000;

    private long freeSteps = FREE_STEPS;
    private int[] bounds = new int[64];
    private boolean[] matches = new boolean[32];
    private int size;

    /** Makes an empty list. */
    public Spans() {}

    /** {@return the steps that finding may take in addition to those for the length of a piece} */
    public long freeSteps() {
        return freeSteps;
    }

    /**
     * Tells how many steps are left after a piece. Those that a piece did not use do not add up.
     *
     * @param left the steps that are left; less than 0 counts as 0
     */
    public void keepFreeSteps(long left) {
        freeSteps = Math.clamp(left, 0, freeSteps);
    }

    /** Removes all ranges. */
    public void clear() {
        size = 0;
    }

    /** {@return the number of ranges} */
    public int size() {
        return size;
    }

    /**
     * The start of a range.
     *
     * @param index the index of the range
     * @return the index of its first code point
     */
    public int from(int index) {
        return bounds[2 * index];
    }

    /**
     * The end of a range.
     *
     * @param index the index of the range
     * @return the index after its last code point
     */
    public int to(int index) {
        return bounds[2 * index + 1];
    }

    /**
     * The kind of a range.
     *
     * @param index the index of the range
     * @return whether it is a match
     */
    public boolean isMatch(int index) {
        return matches[index];
    }

    /**
     * Appends a range.
     *
     * @param from the index of its first code point
     * @param to the index after its last code point
     * @param match whether it is a match
     */
    public void add(int from, int to, boolean match) {
        if (size == matches.length) {
            bounds = Arrays.copyOf(bounds, 4 * size);
            matches = Arrays.copyOf(matches, 2 * size);
        }
        bounds[2 * size] = from;
        bounds[2 * size + 1] = to;
        matches[size++] = match;
    }

    /** Makes matches of what was none, and the other way round. */
    public void invert() {
        for (int i = 0; i < size; i++) {
            matches[i] = !matches[i];
        }
    }
}
