package dev.tenon.generation.cache;

/** Copies the beginning of a page: {@link DecoderSteps#copyPage}. */
@FunctionalInterface
public interface PageCopy {
    /**
     * Copies keys and values.
     *
     * @param from the page to read
     * @param to the page to write
     * @param tokens how many tokens, at least 1
     */
    void copy(int from, int to, int tokens);
}
