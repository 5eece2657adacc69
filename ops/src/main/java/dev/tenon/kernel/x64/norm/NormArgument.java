package dev.tenon.kernel.x64.norm;

import dev.tenon.asm.Address;
import dev.tenon.kernel.x64.Frame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of the function that normalises rows. */
enum NormArgument {
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

    void set(MemorySegment block, float value) {
        block.set(ValueLayout.JAVA_FLOAT, offset(), value);
    }
}
