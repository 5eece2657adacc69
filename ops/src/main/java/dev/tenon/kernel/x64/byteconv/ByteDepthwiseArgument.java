package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.x64.ArgumentSlot;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of a function that {@link ByteDepthwiseEmitter} writes, and the variables that it keeps in memory. */
enum ByteDepthwiseArgument implements ArgumentSlot {
    /** The first pixel of the first window. */
    X,
    /** Bytes from a row of a window to the next. */
    X_ROW,
    /** Bytes from a pixel of a window to the next. */
    X_PIXEL,
    /** Bytes from a window to the next beside it. */
    X_WINDOW,
    /** Bytes from a row of windows to the next. */
    X_LINE,
    /** The first result. */
    Y,
    /** Bytes from a result to the next. */
    Y_PIXEL,
    /** Bytes from a row of results to the next. */
    Y_LINE,
    /** The rows of windows. */
    LINES,
    /** Turns of the loop over the windows of a row. */
    TURNS,
    /** The windows of a row after the last turn. */
    REST,
    /** The weights of the first block of channels. */
    WEIGHTS,
    /** The blocks of channels. */
    BLOCKS,
    /** The channels of the last block that exist: a bit for each. */
    LAST_MASK,
    /** Whether all channels of the last block exist; 0 or 1. Stores without a mask are faster. */
    LAST_IS_WHOLE,
    /** The zero point of the results, twice as int16. */
    ZERO,
    /** The largest number that is converted to an integer, float32. */
    LARGEST,
    /** The sign bits of four bytes. */
    SIGNS,
    /** The places of the block and of the row. */
    X_BLOCK,
    Y_BLOCK,
    X_PLACE,
    Y_PLACE,
    BLOCKS_LEFT,
    LINES_LEFT,
    /** With vectors of 256 bits, masks of 4 channels each of the last block. */
    LAST_MASKS;

    private static final int MASK_BYTES = 32;

    /** The size of a block of arguments. */
    static final int BYTES = (LAST_MASKS.offset() + MASK_BYTES + 63) / 64 * 64;

    /**
     * Writes the masks of the last block of channels.
     *
     * @param block the block of arguments
     * @param channels the channels of the last block of channels
     * @param whole whether these are as many as those of the others
     */
    static void setLastChannels(MemorySegment block, int channels, boolean whole) {
        LAST_IS_WHOLE.set(block, whole ? 1 : 0);
        LAST_MASK.set(block, channels >= Long.SIZE ? -1 : (1L << channels) - 1);
        for (int i = 0; i < MASK_BYTES; i += Integer.BYTES) {
            block.set(ValueLayout.JAVA_INT, LAST_MASKS.offset() + (long) i, i < channels ? -1 : 0);
        }
    }
}
