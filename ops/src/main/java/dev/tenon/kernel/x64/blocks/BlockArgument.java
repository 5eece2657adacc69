package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The arguments of functions of this package, and the variables that they keep in memory. Java writes them by the same offsets
 * by which the generators read them.
 */
enum BlockArgument implements ArgumentSlot {
    /** The first tile of A, as {@link BlockArithmetic} lays it out. */
    A,
    /** The first panel of B, and bytes from one panel to the next. */
    B,
    B_PANEL,
    /** The scales of the first panel, and bytes from one panel to the next. */
    SCALES,
    SCALES_PANEL,
    /** The zero points of the first panel, and bytes from one panel to the next. */
    ZEROS,
    ZEROS_PANEL,
    /** The first row of the result, and bytes from one row to the next. */
    C,
    C_ROW,
    /** The bias of the first column, float32; 0 for none. */
    BIAS,
    /** The number of tiles below each other. */
    TILES,
    /** The number of groups of panels beside each other. */
    PANELS,
    /** The number of blocks of a column. */
    BLOCKS,
    /** The turns of the loop over a block. */
    TURNS,
    /** The mask of the columns of the last panel. */
    LAST_MASK,

    /** For rounding: a row of A, where its bytes go, its first scale, its first zero term. */
    ROW,
    ROW_BYTES,
    ROW_SCALES,
    ROW_ZEROS,
    /** Bytes from a group of a tile to the next. */
    GROUP_STEP,
    /** Whole groups of a row, those that are a part of one, and those that are padding. */
    WHOLE_GROUPS,
    PART_GROUPS,
    PADDING_GROUPS,
    /** The masks of the two vectors of the group that is not whole. */
    PART_MASK,
    PART_MASK_2,

    /** The group's panels, scales, zero points, first result and bias; the tile's first result. */
    B_GROUP,
    SCALES_GROUP,
    ZEROS_GROUP,
    C_GROUP,
    C_TILE,
    BIAS_GROUP,
    /** The tile of A. */
    A_TILE,
    /** Groups and tiles that are left. */
    PANELS_LEFT,
    TILES_LEFT,
    /** Constants of a function: 16 of float32, or less. */
    CONSTANTS;

    private static final int CONSTANT_BYTES = 64;

    /** With vectors of 256 bits, the mask of the columns of a vector. */
    static final int LAST_VECTOR_OFFSET = CONSTANTS.offset() + CONSTANT_BYTES;

    /** A group of a row that is not whole, with padding. */
    static final int PART_OFFSET = LAST_VECTOR_OFFSET + 32;

    private static final int LANES = 8;

    /** Masks of the formats of blocks, with vectors of 256 bits. */
    private static final int MASK_OFFSET = PART_OFFSET + 32 * Float.BYTES;

    private static final int MASK_BYTES = LANES * Integer.BYTES;
    private static final int MASKS = 4;

    /** The size of a block of arguments. */
    static final int BYTES = (MASK_OFFSET + MASKS * MASK_BYTES + 63) / 64 * 64;

    /** The offset of one of the constants. */
    static int constantOffset(int index) {
        return CONSTANTS.offset() + index * Float.BYTES;
    }

    /** The address of one of the constants. */
    static Address constantAddress(int index) {
        return Address.at(Frame.BLOCK, constantOffset(index));
    }

    /** Sets one of the constants. */
    static void constant(MemorySegment block, int index, float value) {
        block.set(ValueLayout.JAVA_FLOAT, constantOffset(index), value);
    }

    /** The offset of one of the masks. */
    static int maskOffset(int index) {
        return MASK_OFFSET + index * MASK_BYTES;
    }

    /** Sets one of the masks. */
    static void setMask(MemorySegment block, int index, int value) {
        for (int i = 0; i < LANES; i++) {
            block.set(ValueLayout.JAVA_INT, maskOffset(index) + (long) i * Integer.BYTES, value);
        }
    }

    /** Sets the columns of a vector of 256 bits that exist. */
    static void setLastVector(MemorySegment block, int columns) {
        LAST_MASK.set(block, (1 << columns) - 1);
        for (int i = 0; i < LANES; i++) {
            block.set(ValueLayout.JAVA_INT, LAST_VECTOR_OFFSET + (long) i * Integer.BYTES, i < columns ? -1 : 0);
        }
    }
}
