package dev.tenon.kernel.x64.tabular;

import dev.tenon.kernel.x64.ArgumentSlot;

/** The arguments of the functions that walk through trees. */
enum WalkArgument implements ArgumentSlot {
    /** The keys of the first eight rows, column by column; of one row, the first key. */
    KEYS,
    /** Bytes from the keys of eight rows to those of the next eight. */
    KEY_STEP,
    /** The number of times eight rows, at least 1. */
    ROWS,
    /** The descriptions of the trees, or of groups of trees for one row. */
    TREES,
    /** The number of descriptions, at least 1. */
    COUNT,
    /** The first record of the forest. */
    RECORDS,
    /** The sums of the first eight rows, or of one row. */
    SUMS,
    /** Bytes from the sums of eight rows to those of the next eight. */
    SUM_STEP,
    /** The table of weights. */
    WEIGHTS,
    /** The bytes of a row of that table. */
    WEIGHT_BYTES,
    /** The function keeps the rows that are left here. */
    ROWS_LEFT,
    /** The function keeps the place of keys here. */
    KEYS_AT,
    /** The function keeps the place of sums here. */
    SUMS_AT;

    /** The size of a block of arguments, a multiple of 64 bytes. */
    static final int BYTES = ArgumentSlot.blockBytes(values().length);
}
