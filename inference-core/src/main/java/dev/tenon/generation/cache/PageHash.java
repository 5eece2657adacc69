package dev.tenon.generation.cache;

/** The hash by which full pages are found. Pages that it can't tell apart are told apart by their tokens. */
@FunctionalInterface
interface PageHash {
    /**
     * Hashes a page.
     *
     * @param before the hash of all tokens before the page
     * @param tokens holds the tokens
     * @param from the index of the first token of the page
     * @param to the index after the last one
     */
    long of(long before, int[] tokens, int from, int to);

    /** The standard hash: a product and a shift for each token. */
    static long chained(long before, int[] tokens, int from, int to) {
        long hash = before;
        for (int i = from; i < to; i++) {
            hash = (hash ^ tokens[i]) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }
}
