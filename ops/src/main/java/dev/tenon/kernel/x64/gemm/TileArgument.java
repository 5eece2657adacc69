package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.x64.ArgumentSlot;

/**
 * The arguments of a function that computes tiles of a product, and the variables that it keeps in memory. Java writes them by
 * the same offsets by which the generators read them.
 */
public enum TileArgument implements ArgumentSlot {
    /** The first row of A. */
    A,
    /** Bytes from a row of A to the next. */
    A_ROW,
    /** The first panel of B. */
    B,
    /** Bytes from a panel of B to the next. */
    B_PANEL,
    /** The first row of the result. */
    C,
    /** Bytes from a row of the result to the next. */
    C_ROW,
    /** The number of tiles below each other. */
    TILES,
    /** The number of groups of columns beside each other; the last one may be narrower. */
    GROUPS,
    /** Whether the last group is as wide as the others; 0 or 1. Stores without a mask are faster. */
    LAST_IS_WHOLE,
    /** The number of the first column among those of {@link #BIAS} and other numbers of columns, times 4. */
    FIRST_COLUMN,
    /** Turns of the unrolled loop over the terms of a segment. */
    TURNS,
    /** Terms after the last turn. */
    REST,
    /** The segments of each row of A. */
    SEGMENTS,
    /** Bytes from the end of a segment of A to the start of the next. */
    SEGMENT_SKIP,
    /** Numbers of the columns, added first: float32 for a product of floats, int32 for one of integers; 0 for none. */
    BIAS,
    /** Whether sums go on from the elements of the result, which hold earlier terms; 0 or 1. */
    CONTINUES,
    /** A matrix like the result that is added; 0 for none. */
    RESIDUAL,
    /** Bytes from a row of it to the next. */
    RESIDUAL_ROW,
    /** Whether results are clipped to {@link #LEAST} and {@link #GREATEST}; 0 or 1. */
    CLIPS,
    /** The least result, float32. */
    LEAST,
    /** The greatest result, float32. */
    GREATEST,
    /** The sums of the columns of B, int32. */
    COLUMN_SUMS,
    /** The negated zero points of the rows of A, int32. */
    ROW_ZEROS,
    /** Bytes from a row's zero point to the next; 0 if all rows have one. */
    ROW_ZERO_STEP,
    /** The zero points of the columns of B, int32; 0 if all are zero. */
    COLUMN_ZEROS,
    /** For each row of A, terms times its zero point less the sum of the row, int32. */
    ROW_SUMS,
    /** The scales of the rows, float32; 0 for none. */
    ROW_SCALES,
    /** Bytes from a row's scale to the next; 0 if all rows have one. */
    ROW_SCALE_STEP,
    /** The scales of the columns, float32; 0 for none. */
    COLUMN_SCALES,
    /** Numbers of the columns that are added after scaling, float32; 0 for none. */
    COLUMN_ADDENDS,
    /** The zero point of a result of bytes, int32. */
    RESULT_ZERO,
    /** Of results that are added to other bytes: the zero point of the product's own result, float32. */
    OWN_ZERO,
    /** The factor of all results of the product, float32. */
    OWN_FACTOR,
    /** The factor of the other bytes, and what is added to the second operand of the sum, float32. */
    OTHER_FACTOR,
    SUM_TERM,
    /** Memory that a turn of the loop over terms asks for, so that it is near when it is read; any address. */
    PREFETCH,
    /** The bytes by which this address moves on with each turn. */
    PREFETCH_STEP,
    /** For tile registers: the chunks of 64 bytes of a segment of A. */
    CHUNKS,
    /** For tile registers: a bit for each four bytes of a segment after its last chunk; 0 for none. */
    REST_MASK,
    /** For tile registers: the rows of a tile, 1 to 32. */
    ROWS,
    /** The addresses of the tile's first element of A, of the group's first panel and of the tile's first result. */
    A_TILE,
    B_GROUP,
    C_GROUP,
    C_TILE,
    RESIDUAL_GROUP,
    RESIDUAL_TILE,
    /** The tile's first row zero, row sum and row scale. */
    ZERO_TILE,
    SUM_TILE,
    SCALE_TILE,
    /** Tiles, groups and segments that are left. */
    TILES_LEFT,
    GROUPS_LEFT,
    SEGMENTS_LEFT,
    /** The number of the group's first column, times 4, counted as {@link #FIRST_COLUMN}. */
    COLUMN,
    /** 1 for a group whose columns are masked; more for one that is stored as a whole. */
    UNMASKED_GROUPS,
    /** The address of the masks of the group. */
    MASKS,
    /** Four masks of the columns of the last group: 16 bits each with AVX-512, else 32 bytes each. */
    LAST_MASKS;

    /** The masks of a whole group, in the same form. */
    static final int WHOLE_MASKS_OFFSET = LAST_MASKS.offset() + 128;

    /** From the masks of a group to those of its results as bytes: a bit for each byte with AVX-512, else 4 bytes for each 4. */
    static final int BYTE_MASKS = 256;

    /** The order in which vectors of packed bytes are stored: int32. */
    static final int BYTE_ORDER_OFFSET = WHOLE_MASKS_OFFSET + BYTE_MASKS + 64;

    /** The shapes of tile registers, 64 bytes. */
    static final int SHAPES_OFFSET = (BYTE_ORDER_OFFSET + 64 + 63) / 64 * 64;

    /** The sums of a tile, which tile registers leave to vectors: 32 rows of 32 columns of 4 bytes at most. */
    static final int TILE_SUMS_OFFSET = SHAPES_OFFSET + 64;

    /** The bytes of 32 rows of A after their last chunk, 64 each, of which those that do not exist are 0. */
    static final int TILE_REST_OFFSET = TILE_SUMS_OFFSET + 4096;

    /** The size of a block. */
    public static final int BYTES = TILE_REST_OFFSET + 2048;
}
