package dev.tenon.kernel.attention;

/** The two kinds of rows that attention reads from the KV cache and from new operands. */
public enum KeysOrValues {
    /** Rows that are multiplied with queries. */
    KEYS,
    /** Rows that are weighted by probabilities and added up. */
    VALUES;

    /** The index of this kind in a pair of operands, keys first. */
    int index() {
        return ordinal();
    }
}
