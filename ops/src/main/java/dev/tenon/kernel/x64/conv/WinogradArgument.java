package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of a function that transforms tiles for Winograd's minimal filtering, and its variables. */
enum WinogradArgument implements ArgumentSlot {
    /** The first element of the first tile: a pixel of the input, or a product. */
    X,
    /** Bytes from an element to the one below it. */
    X_LINE,
    /** Bytes from an element to the next. */
    X_PIXEL,
    /** Bytes from a tile to the next. */
    X_TILE,
    /** The first result: an element of a transformed tile, or a pixel of the output. */
    Y,
    /** Bytes from a result to the one below it. */
    Y_LINE,
    /** Bytes from a result to the next. */
    Y_PIXEL,
    /** Bytes from the results of a tile to those of the next. */
    Y_TILE,
    /** The number of tiles, at least 1. */
    TILES,
    /** The number of vectors of channels, at least 1. */
    VECTORS,
    /** A number for each channel of the output, which is added; 0 for none. */
    BIAS,
    /** The least result, float32. */
    LEAST,
    /** The greatest result, float32. */
    GREATEST,
    /** Tiles and vectors that are left, and the offset of the channels, bytes. */
    TILES_LEFT,
    VECTORS_LEFT,
    CHANNELS;

    /** Constants of the transform, float32 each. */
    static final int CONSTANTS_OFFSET = Frame.SAVE_BYTES + values().length * Long.BYTES;

    static final int CONSTANTS = 6;

    /** The mask of the last vector of channels: 16 bits with AVX-512, else 32 bytes. */
    static final int MASK_OFFSET = CONSTANTS_OFFSET + CONSTANTS * Float.BYTES;

    private static final int MASK_BYTES = 32;

    /** The elements of a tile after the first half of its transform. */
    static final int HALF_OFFSET = (MASK_OFFSET + MASK_BYTES + 63) / 64 * 64;

    private static final int MAX_ELEMENTS = 36;
    private static final int MAX_VECTOR_BYTES = 64;

    /** The size of a block. */
    static final int BYTES = HALF_OFFSET + MAX_ELEMENTS * MAX_VECTOR_BYTES;

    static void setConstant(MemorySegment memory, long block, int index, double value) {
        memory.set(ValueLayout.JAVA_FLOAT, block + CONSTANTS_OFFSET + (long) index * Float.BYTES, (float) value);
    }

    /** Writes the mask of some channels, at most those of a vector. */
    static void setMask(MemorySegment memory, long block, int channels, int bits) {
        long at = block + MASK_OFFSET;
        if (bits == Integer.SIZE * 16) {
            memory.set(ValueLayout.JAVA_INT, at, (1 << channels) - 1);
            return;
        }
        for (int i = 0; i < bits / Integer.SIZE; i++) {
            memory.set(ValueLayout.JAVA_INT, at + (long) i * Integer.BYTES, i < channels ? -1 : 0);
        }
    }
}
