package dev.tenon.kernel.x64.attention;

import dev.tenon.kernel.x64.ArgumentSlot;

/** The arguments of the functions that multiply with pages, and the variables that they keep in memory. */
enum PagedArgument implements ArgumentSlot {
    /** Rows of queries, up to {@link PagedScoreEmitter#MAX_ROWS}. */
    QUERY_0,
    QUERY_1,
    QUERY_2,
    QUERY_3,
    /** Bytes of a row of queries, negative. */
    QUERY_BYTES,
    /** The factor of products, float32. */
    FACTOR,
    /** Bytes from a row of a page to the next. */
    PAGE_ROW,
    /**
     * Where rows of pages are. For scores: the address of each block of {@link PagedScoreEmitter#BLOCK} rows. For values: the address
     * and the number of rows of each run. Addresses that are prefetched but not read follow.
     */
    LIST,
    /** The entries of the list, at least 1; the function counts them down. */
    COUNT,
    /** The score of the first row of queries and the first key. Those of other rows are fixed distances away. */
    SCORES,
    /** The sums of the first row of queries. */
    SUMS,
    /** Bytes from the sums of a row of queries to those of the next. */
    SUMS_ROW,
    /** Vectors of a row of sums. */
    VECTORS;

    static final PagedArgument[] QUERIES = {QUERY_0, QUERY_1, QUERY_2, QUERY_3};

    /** The size of a block of arguments, a multiple of 64 bytes. */
    static final int BYTES = ArgumentSlot.blockBytes(values().length);
}
