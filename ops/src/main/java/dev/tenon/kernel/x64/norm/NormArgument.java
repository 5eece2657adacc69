package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.x64.ArgumentSlot;

/** The arguments of the function that normalises rows. */
enum NormArgument implements ArgumentSlot {
    /** The entry of the first row, and the steps from a row to the next, see {@link NormEmitter}. */
    ENTRY,
    /** The number of rows, at least 1. */
    ROWS,
    /** The terms of a row. */
    TERMS,
    /** The elements of a row. */
    LENGTH,
    /** Their number, float32. */
    COUNT,
    /** The scale of each element. */
    SCALE,
    /** The bias of each element; 0 for none. */
    BIAS,
    /** Whether the mean is subtracted; 0 or 1. */
    CENTRES,
    /** Added to the variance, float32. */
    EPSILON;

    /** The size of a block of arguments, a multiple of 64 bytes. */
    static final int BYTES = ArgumentSlot.blockBytes(values().length);
}
