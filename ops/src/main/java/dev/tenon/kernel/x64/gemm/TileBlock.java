package dev.tenon.kernel.x64.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes arguments of functions of tiles into their block, which is the start of a run's scratch memory. */
public final class TileBlock {
    private static final int VECTORS = 4;
    private static final int LANES_256 = 8;
    private static final int LANES_512 = 16;

    private TileBlock() {}

    /**
     * Makes all arguments 0, but for the masks of whole groups, which are those of all columns, and the memory to ask for.
     *
     * @param block the block
     */
    public static void clear(MemorySegment block) {
        // A slice would be allocated in code that the JVM has not optimised yet.
        for (int at = 0; at < TileArgument.LAST_MASKS.offset(); at += Long.BYTES) {
            block.set(ValueLayout.JAVA_LONG, at, 0);
        }
        // Memory that is near: to ask for memory that is not mapped would take time.
        set(block, TileArgument.PREFETCH, block.address());
        for (int at = TileArgument.WHOLE_MASKS_OFFSET; at < TileArgument.WHOLE_MASKS_OFFSET + 128; at += 4) {
            block.set(ValueLayout.JAVA_INT, at, -1);
            if (at < TileArgument.WHOLE_MASKS_OFFSET + 32) {
                block.set(ValueLayout.JAVA_INT, at + (long) TileArgument.BYTE_MASKS, -1);
            }
        }
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
     * Writes the masks of the last group.
     *
     * @param block the block
     * @param columns the columns of the group that exist
     * @param bits the width of vectors, bits
     */
    static void setLastMasks(MemorySegment block, int columns, int bits) {
        int at = TileArgument.LAST_MASKS.offset();
        setLastByteMask(block, columns, bits);
        if (bits == Integer.SIZE * LANES_512) {
            for (int v = 0; v < VECTORS; v++) {
                int own = Math.clamp(columns - v * (long) LANES_512, 0, LANES_512);
                block.set(ValueLayout.JAVA_INT, at + v * (long) Integer.BYTES, (1 << own) - 1);
            }
        } else {
            for (int i = 0; i < VECTORS * LANES_256; i++) {
                block.set(ValueLayout.JAVA_INT, at + i * (long) Integer.BYTES, i < columns ? -1 : 0);
            }
        }
    }

    private static void setLastByteMask(MemorySegment block, int columns, int bits) {
        int at = TileArgument.LAST_MASKS.offset() + TileArgument.BYTE_MASKS;
        if (bits == Integer.SIZE * LANES_512) {
            block.set(ValueLayout.JAVA_LONG, at, columns >= Long.SIZE ? -1 : (1L << columns) - 1);
            return;
        }
        for (int i = 0; i < LANES_256; i++) {
            block.set(ValueLayout.JAVA_INT, at + i * (long) Integer.BYTES, i * Integer.BYTES < columns ? -1 : 0);
        }
    }

    static long get(MemorySegment block, TileArgument argument) {
        return block.get(ValueLayout.JAVA_LONG, argument.offset());
    }

    /** Moves the addresses of rows. */
    static void moveRows(MemorySegment block, long rows) {
        add(block, TileArgument.A, rows * get(block, TileArgument.A_ROW));
        add(block, TileArgument.C, rows * get(block, TileArgument.C_ROW));
        move(block, TileArgument.RESIDUAL, rows * get(block, TileArgument.RESIDUAL_ROW));
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
