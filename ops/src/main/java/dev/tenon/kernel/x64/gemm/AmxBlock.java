package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The product of a block of rows with any number of panels of 16 columns, in the tile registers of AMX. Tiles have 32 rows and 32
 * columns, but for the last ones. Panels are padded with zeros to a multiple of 64 bytes of each column, and come in pairs unless
 * the last columns need one only. Immutable and thread-safe.
 */
final class AmxBlock implements PanelProduct {
    /** The rows and the columns of a whole tile. */
    static final int SIDE = 2 * AmxEmitter.SIDE;

    private static final int BITS = 512;
    private static final int CHUNK_STEPS = AmxEmitter.CHUNK_BYTES / Integer.BYTES;
    private static final int PALETTE = 1;
    private static final int ROW_BYTES_AT = 16;
    private static final int ROWS_AT = 48;

    /** Calls the function for tiles of some tile registers. */
    interface Call {
        /**
         * Calls it.
         *
         * @param rowTiles the tile registers of rows, 1 or 2
         * @param columnTiles the tile registers of columns, 1 or 2
         * @param block the block of arguments
         */
        void call(int rowTiles, int columnTiles, MemorySegment block);
    }

    private final AmxProduct product;
    private final TileEnds ends;

    /** The tiles of {@link #SIDE} rows, and the rows below them. */
    private final int tiles;

    private final int rest;

    /** The functions by their tile registers of rows and of columns; null where no tile has them. */
    private final NativeFunction[][] functions = new NativeFunction[2][2];

    /** The shapes of the tile registers for whole tiles and for the last one, by the registers of columns. */
    private final long[][] wholeShapes = {shapes(SIDE, 1), shapes(SIDE, 2)};

    private final long[][] restShapes;
    private final Call own =
            (rowTiles, columnTiles, block) -> function(rowTiles, columnTiles).call(block.address());

    /**
     * A block.
     *
     * @param product how terms are multiplied
     * @param ends how sums begin, and where results go
     * @param m the rows, at least 1
     */
    AmxBlock(AmxProduct product, TileEnds ends, int m) {
        this.product = product;
        this.ends = ends;
        tiles = m / SIDE;
        rest = m % SIDE;
        restShapes = new long[][] {shapes(rest, 1), shapes(rest, 2)};
        for (int columnTiles = 1; columnTiles <= 2; columnTiles++) {
            if (tiles > 0) {
                make(2, columnTiles);
            }
            if (rest > 0) {
                make(rowTiles(rest), columnTiles);
            }
        }
    }

    private void make(int rowTiles, int columnTiles) {
        functions[rowTiles - 1][columnTiles - 1] = KernelCode.of(
                id(rowTiles, columnTiles), () -> new AmxEmitter(product, ends, rowTiles, columnTiles).emit());
    }

    private NativeFunction function(int rowTiles, int columnTiles) {
        return functions[rowTiles - 1][columnTiles - 1];
    }

    private static int rowTiles(int rows) {
        return Math.ceilDiv(rows, AmxEmitter.SIDE);
    }

    /**
     * Whether rows that consist of segments can be multiplied: the code reads whole chunks of 64 bytes, but for the end of a row.
     *
     * @param segmentBytes the bytes of a segment
     * @param segments the segments of a row
     * @return whether they can
     */
    static boolean takes(int segmentBytes, int segments) {
        return segments == 1 || segmentBytes % AmxEmitter.CHUNK_BYTES == 0;
    }

    @Override
    public String id() {
        return id(tiles > 0 ? 2 : rowTiles(rest), 2);
    }

    @Override
    public String tile() {
        return tile(tiles > 0 ? 2 : rowTiles(rest), 2);
    }

    private static String tile(int rowTiles, int columnTiles) {
        return rowTiles * AmxEmitter.SIDE + "x" + columnTiles * AmxEmitter.SIDE + "_amx";
    }

    private String id(int rowTiles, int columnTiles) {
        return "gemm_" + product.operands() + ends.results() + "_" + tile(rowTiles, columnTiles);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if there are several segments that are no multiple of 64 bytes
     */
    @Override
    public void run(MemorySegment block, int columns) {
        run(block, columns, own);
    }

    /** Multiplies by functions that somebody else calls. */
    void run(MemorySegment block, int columns, Call call) {
        setTerms(block);
        int single = columns % SIDE <= AmxEmitter.SIDE ? columns % SIDE : 0;
        int pairs = columns - single;
        if (pairs > 0) {
            columns(block, 2, pairs, call);
        }
        if (single > 0) {
            TileBlock.moveColumns(block, pairs, AmxEmitter.SIDE, ends);
            columns(block, 1, single, call);
        }
    }

    private static void setTerms(MemorySegment block) {
        long steps =
                TileBlock.get(block, TileArgument.TURNS) * TileEmitter.UNROLL + TileBlock.get(block, TileArgument.REST);
        long rest = steps % CHUNK_STEPS;
        if (rest > 0 && TileBlock.get(block, TileArgument.SEGMENTS) > 1) {
            throw new IllegalArgumentException("segments of " + steps * Integer.BYTES
                    + " bytes can't be multiplied in tile registers; they need a multiple of "
                    + AmxEmitter.CHUNK_BYTES);
        }
        TileBlock.set(block, TileArgument.CHUNKS, steps / CHUNK_STEPS);
        TileBlock.set(block, TileArgument.REST_MASK, (1L << rest) - 1);
    }

    private void columns(MemorySegment block, int columnTiles, int columns, Call call) {
        int width = columnTiles * AmxEmitter.SIDE;
        int groups = Math.ceilDiv(columns, width);
        TileBlock.setLastMasks(block, columns - (groups - 1) * width, BITS);
        TileBlock.set(block, TileArgument.LAST_IS_WHOLE, columns == groups * width ? 1 : 0);
        TileBlock.set(block, TileArgument.GROUPS, groups);
        if (tiles > 0) {
            setTile(block, SIDE, wholeShapes[columnTiles - 1]);
            tiles(block, columnTiles, tiles, call);
            TileBlock.moveRows(block, (long) tiles * SIDE, ends);
        }
        if (rest > 0) {
            setTile(block, rest, restShapes[columnTiles - 1]);
            tiles(block, columnTiles, 1, call);
        }
        TileBlock.moveRows(block, -(long) tiles * SIDE, ends);
    }

    private static void setTile(MemorySegment block, int rows, long[] shapes) {
        TileBlock.set(block, TileArgument.ROWS, rows);
        for (int i = 0; i < shapes.length; i++) {
            block.set(ValueLayout.JAVA_LONG, TileArgument.SHAPES_OFFSET + (long) i * Long.BYTES, shapes[i]);
        }
    }

    /** Computes tiles below each other, and restores the arguments that their function moves. */
    private static void tiles(MemorySegment block, int columnTiles, int count, Call call) {
        TileBlock.set(block, TileArgument.TILES, count);
        int rows = (int) TileBlock.get(block, TileArgument.ROWS);
        long a = TileBlock.get(block, TileArgument.A);
        long c = TileBlock.get(block, TileArgument.C);
        long residual = TileBlock.get(block, TileArgument.RESIDUAL);
        long zeros = TileBlock.get(block, TileArgument.ROW_ZEROS);
        long scales = TileBlock.get(block, TileArgument.ROW_SCALES);
        long sums = TileBlock.get(block, TileArgument.ROW_SUMS);
        call.call(rowTiles(rows), columnTiles, block);
        TileBlock.set(block, TileArgument.A, a);
        TileBlock.set(block, TileArgument.C, c);
        TileBlock.set(block, TileArgument.RESIDUAL, residual);
        TileBlock.set(block, TileArgument.ROW_ZEROS, zeros);
        TileBlock.set(block, TileArgument.ROW_SCALES, scales);
        TileBlock.set(block, TileArgument.ROW_SUMS, sums);
    }

    /** The operand of the instruction that sets shapes: a palette, and for each register its bytes a row and its rows. */
    static long[] shapes(int rows, int columnTiles) {
        ByteBuffer bytes = ByteBuffer.allocate(AmxEmitter.CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int[] registers = AmxEmitter.rows(rows, columnTiles);
        bytes.put(0, (byte) PALETTE);
        for (int i = 0; i < registers.length; i++) {
            int rowBytes = registers[i] > 0 ? AmxEmitter.CHUNK_BYTES : 0;
            bytes.putShort(ROW_BYTES_AT + i * Short.BYTES, (short) rowBytes);
            bytes.put(ROWS_AT + i, (byte) registers[i]);
        }
        long[] shapes = new long[AmxEmitter.CHUNK_BYTES / Long.BYTES];
        bytes.asLongBuffer().get(shapes);
        return shapes;
    }
}
