package dev.tenon.kernel.x64.tabular;

import dev.tenon.asm.Address;
import dev.tenon.kernel.x64.Frame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of the functions that walk through trees. */
enum WalkArgument {
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
    static final int BYTES = (Frame.SAVE_BYTES + values().length * Long.BYTES + 63) / 64 * 64;

    private int offset() {
        return Frame.SAVE_BYTES + ordinal() * Long.BYTES;
    }

    Address address() {
        return Address.at(Frame.BLOCK, offset());
    }

    void set(MemorySegment block, long value) {
        block.set(ValueLayout.JAVA_LONG, offset(), value);
    }
}
