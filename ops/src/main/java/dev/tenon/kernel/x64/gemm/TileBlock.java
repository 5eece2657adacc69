package dev.tenon.kernel.x64.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes arguments of functions of tiles into their block, which is the start of a run's scratch memory. */
public final class TileBlock {
    private static final int VECTORS = 4;
    private static final int LANES_256 = 8;
    private static final int LANES_512 = 16;

    private static final long LANES_OF_VECTOR = 0xFFFF;

    /** The memory of the masks of a group, and of those of its results as bytes, at most. */
    private static final int MASK_BYTES = 128;

    private static final int BYTE_MASK_BYTES = 32;
    private static final int MASK_ROW_BYTES = MASK_BYTES + BYTE_MASK_BYTES;

    /** A block that is cleared, up to its last mask: one copy takes less time than many stores in code that is not compiled yet. */
    private static final MemorySegment CLEARED = cleared();

    /** The masks of the last group for each number of its columns, with vectors of 256 bits. */
    private static final MemorySegment LAST_MASKS_256 = lastMasks256();

    private TileBlock() {}

    private static MemorySegment cleared() {
        int end = TileArgument.WHOLE_MASKS_OFFSET + TileArgument.BYTE_MASKS + BYTE_MASK_BYTES;
        MemorySegment block = MemorySegment.ofArray(new long[end / Long.BYTES]);
        block.asSlice(TileArgument.WHOLE_MASKS_OFFSET, MASK_BYTES).fill((byte) -1);
        block.asSlice(end - BYTE_MASK_BYTES, BYTE_MASK_BYTES).fill((byte) -1);
        return block;
    }

    private static MemorySegment lastMasks256() {
        int most = VECTORS * LANES_256;
        int[] masks = new int[(most + 1) * MASK_ROW_BYTES / Integer.BYTES];
        for (int columns = 0; columns <= most; columns++) {
            int row = columns * MASK_ROW_BYTES / Integer.BYTES;
            for (int i = 0; i < most; i++) {
                masks[row + i] = i < columns ? -1 : 0;
            }
            for (int i = 0; i < LANES_256; i++) {
                masks[row + most + i] = i * Integer.BYTES < columns ? -1 : 0;
            }
        }
        return MemorySegment.ofArray(masks);
    }

    /**
     * Makes all arguments 0, but for the masks of whole groups, which are those of all columns, and the memory to ask for.
     *
     * @param block the block
     */
    public static void clear(MemorySegment block) {
        MemorySegment.copy(CLEARED, 0, block, 0, CLEARED.byteSize());
        // Memory that is near: to ask for memory that is not mapped would take time.
        set(block, TileArgument.PREFETCH, block.address());
    }

    /**
     * Sets an argument.
     *
     * @param block the block
     * @param argument the argument
     * @param value its value
     */
    public static void set(MemorySegment block, TileArgument argument, long value) {
        block.set(ValueLayout.JAVA_LONG, argument.offset(), value);
    }

    static void add(MemorySegment block, TileArgument argument, long value) {
        set(block, argument, block.get(ValueLayout.JAVA_LONG, argument.offset()) + value);
    }

    /**
     * Sets an argument.
     *
     * @param block the block
     * @param argument the argument, a float32
     * @param value its value
     */
    public static void set(MemorySegment block, TileArgument argument, float value) {
        block.set(ValueLayout.JAVA_FLOAT, argument.offset(), value);
    }

    /**
     * Sets the terms of a segment.
     *
     * @param block the block
     * @param steps the terms, in steps of four bytes
     */
    public static void setTerms(MemorySegment block, int steps) {
        set(block, TileArgument.TURNS, steps / TileEmitter.UNROLL);
        set(block, TileArgument.REST, steps % TileEmitter.UNROLL);
    }

    /**
     * Lets results be clipped.
     *
     * @param block the block
     * @param least the least result
     * @param greatest the greatest one
     */
    public static void setBounds(MemorySegment block, float least, float greatest) {
        set(block, TileArgument.CLIPS, 1);
        set(block, TileArgument.LEAST, least);
        set(block, TileArgument.GREATEST, greatest);
    }

    /**
     * Writes the masks of the last group.
     *
     * @param block the block
     * @param columns the columns of the group that exist
     * @param bits the width of vectors, bits
     */
    static void setLastMasks(MemorySegment block, int columns, int bits) {
        int at = TileArgument.LAST_MASKS.offset();
        if (bits == Integer.SIZE * LANES_512) {
            // A bit for each column. A mask of a vector has 16 of them, in four bytes.
            long mask = columns >= Long.SIZE ? -1 : (1L << columns) - 1;
            block.set(ValueLayout.JAVA_LONG, at, twoMasks(mask));
            block.set(ValueLayout.JAVA_LONG, at + (long) Long.BYTES, twoMasks(mask >>> (2 * LANES_512)));
            block.set(ValueLayout.JAVA_LONG, at + (long) TileArgument.BYTE_MASKS, mask);
        } else {
            long row = Math.min(columns, VECTORS * LANES_256) * (long) MASK_ROW_BYTES;
            MemorySegment.copy(LAST_MASKS_256, row, block, at, MASK_BYTES);
            MemorySegment.copy(
                    LAST_MASKS_256, row + MASK_BYTES, block, at + (long) TileArgument.BYTE_MASKS, BYTE_MASK_BYTES);
        }
    }

    /** The lowest 16 bits of a mask in four bytes, then the next 16. */
    private static long twoMasks(long mask) {
        return (mask & LANES_OF_VECTOR) | (((mask >>> LANES_512) & LANES_OF_VECTOR) << Integer.SIZE);
    }

    static long get(MemorySegment block, TileArgument argument) {
        return block.get(ValueLayout.JAVA_LONG, argument.offset());
    }

    /** Moves the addresses of rows. */
    static void moveRows(MemorySegment block, long rows, TileEnds ends) {
        add(block, TileArgument.A, rows * get(block, TileArgument.A_ROW));
        add(block, TileArgument.C, rows * get(block, TileArgument.C_ROW));
        move(block, TileArgument.RESIDUAL, rows * get(block, TileArgument.RESIDUAL_ROW));
        if (!ends.hasNumbersOfRows()) {
            return;
        }
        add(block, TileArgument.ROW_ZEROS, rows * get(block, TileArgument.ROW_ZERO_STEP));
        move(block, TileArgument.ROW_SCALES, rows * get(block, TileArgument.ROW_SCALE_STEP));
        add(block, TileArgument.ROW_SUMS, rows * Integer.BYTES);
    }

    /**
     * Moves the addresses of columns.
     *
     * @param block the block
     * @param columns the columns, whole panels
     * @param panelColumns the columns of a panel
     * @param ends what tells the sizes of results and residuals
     */
    static void moveColumns(MemorySegment block, int columns, int panelColumns, TileEnds ends) {
        add(block, TileArgument.B, (long) columns / panelColumns * get(block, TileArgument.B_PANEL));
        add(block, TileArgument.C, (long) columns * ends.resultBytes());
        move(block, TileArgument.RESIDUAL, (long) columns * ends.residualBytes());
        add(block, TileArgument.FIRST_COLUMN, (long) columns * Float.BYTES);
    }

    /** Moves an address, unless it is 0, which stands for none. */
    private static void move(MemorySegment block, TileArgument address, long bytes) {
        if (get(block, address) != 0) {
            add(block, address, bytes);
        }
    }
}
