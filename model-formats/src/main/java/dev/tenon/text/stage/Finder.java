package dev.tenon.text.stage;

/** Finds matches in a text. Immutable and safe for any number of threads. */
@FunctionalInterface
public interface Finder {
    /**
     * Finds all matches in a range of a text, which is a text of its own: nothing outside of it counts.
     *
     * @param text code points
     * @param from the index of the first code point of the range
     * @param to the index after its last code point
     * @param out receives matches and what is between them, in order, from {@code from} to {@code to}
     */
    void find(int[] text, int from, int to, Spans out);
}
