package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.kernel.x64.Frame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of a function that turns rows of float32 into operands of tiles. */
enum RowArgument {
    /** The first row. */
    X,
    /** Bytes from a row to the next. */
    X_ROW,
    /** The number of rows, at least 1. */
    ROWS,
    /** The whole vectors of 16 elements of a row. */
    VECTORS,
    /** A bit for each element after them. */
    LAST_MASK,
    /** The first row of the result. */
    RESULT,
    /** Bytes from a row of the result to the next. */
    RESULT_ROW,
    /** Where the scales of the rows go, float32. */
    SCALES,
    /** Where the negated zero points of the rows go, int32. */
    ZEROS;

    /** The size of a block. */
    static final int BYTES = 192;

    private static final int LANES = 16;

    private int offset() {
        return Frame.SAVE_BYTES + ordinal() * Long.BYTES;
    }

    Address address() {
        return Address.at(Frame.BLOCK, offset());
    }

    /** Sets the argument in a block that starts at an offset. */
    void set(MemorySegment memory, long block, long value) {
        memory.set(ValueLayout.JAVA_LONG, block + offset(), value);
    }

    /** Sets the number of elements of a row. */
    static void setTerms(MemorySegment memory, long block, int terms) {
        VECTORS.set(memory, block, terms / LANES);
        LAST_MASK.set(memory, block, (1 << terms % LANES) - 1);
    }
}
