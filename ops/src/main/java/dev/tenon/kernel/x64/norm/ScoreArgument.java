package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.x64.ArgumentSlot;

/** The arguments of the function that makes probabilities of scores. */
enum ScoreArgument implements ArgumentSlot {
    /**
     * The entries of the rows: for each the address of the addends of its keys (0 for none), and the number of keys that the
     * query sees. Keys after these get the probability 0.
     */
    ENTRIES,
    /** The number of rows, at least 1. */
    ROWS,
    /** The first row of scores. A row has room for whole vectors. */
    SCORES,
    /** Bytes from a row of scores to the next. */
    STEP,
    /** The columns of a row that get a probability, rounded up to whole vectors. */
    COLUMNS,
    /** The factor of scores, float32. */
    SCALE,
    /** The bound of scaled scores, float32. */
    SOFTCAP;

    /** The size of an entry. */
    static final int ENTRY_BYTES = 3 * Long.BYTES;

    /** The place in an entry where the function keeps the greatest score. */
    static final int GREATEST = 2 * Long.BYTES;

    /** The place in an entry where the function keeps the inverse of the sum of exponentials. */
    static final int FACTOR = GREATEST + Float.BYTES;

    /** The size of a block of arguments, a multiple of 64 bytes. */
    static final int BYTES = ArgumentSlot.blockBytes(values().length);
}
