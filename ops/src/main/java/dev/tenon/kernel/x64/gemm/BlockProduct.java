package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * The product of a block of rows with any number of panels, by the functions for tiles that suit the number of rows. Rows are
 * spread evenly over tiles, so that tiles differ by one row at most. Few rows get wider tiles; a last vector of columns gets
 * narrower ones, if the ends of tiles take
 * these. Immutable and thread-safe.
 */
public final class BlockProduct implements PanelProduct {
    /** The most rows of a tile. */
    static final int MAX_ROWS = 14;

    private static final int SINGLE = 1;
    private static final int NARROW = 2;
    private static final int WIDE = 4;
    private static final int REGISTERS_512 = 32;
    private static final int REGISTERS_256 = 16;

    private final TileProduct product;
    private final TileEnds ends;
    private final int panelVectors;
    private final int height;

    /** The tiles of {@link #height} rows, and those of one row less, below them. */
    private final int tiles;

    private final int lowTiles;

    /** The functions for tiles of both heights: narrow, wide, of one vector. Null where there is none. */
    private final NativeFunction[] whole = new NativeFunction[3];

    private final NativeFunction[] last = new NativeFunction[3];

    /**
     * A block.
     *
     * @param product how terms are multiplied
     * @param ends how sums begin, and where results go
     * @param panelVectors the vectors of columns of a panel, 1 or 2; with 1, panels come in pairs
     * @param m the rows, at least 1
     */
    BlockProduct(TileProduct product, TileEnds ends, int panelVectors, int m) {
        this(product, ends, panelVectors, m, false);
    }

    /**
     * A block.
     *
     * @param product how terms are multiplied
     * @param ends how sums begin, and where results go; they take tiles of one vector if there are any
     * @param panelVectors the vectors of columns of a panel, 1 or 2; with 1, panels come in pairs
     * @param m the rows, at least 1
     * @param single whether the last columns, if they fill no more than a vector, are tiles of one vector
     */
    BlockProduct(TileProduct product, TileEnds ends, int panelVectors, int m, boolean single) {
        this.product = product;
        this.ends = ends;
        this.panelVectors = panelVectors;
        boolean wide = m <= maxRows(product, ends, WIDE);
        int most = maxRows(product, ends, NARROW);
        int all = wide ? 1 : Math.ceilDiv(m, most);
        height = Math.ceilDiv(m, all);
        lowTiles = all * height - m;
        tiles = all - lowTiles;
        whole[0] = function(height, NARROW);
        last[0] = lowTiles == 0 ? null : function(height - 1, NARROW);
        whole[1] = wide ? function(height, WIDE) : null;
        if (panelVectors == NARROW ? ends.takesSingleVectors() : single) {
            whole[2] = function(height, SINGLE);
            last[2] = lowTiles == 0 ? null : function(height - 1, SINGLE);
        }
    }

    /**
     * A block of a product of float32.
     *
     * @param bits the width of vectors, 256 or 512; a panel has two vectors
     * @param panels the element type of the panels: float32, float16 or bfloat16
     * @param m the rows, at least 1
     * @return the block
     */
    public static BlockProduct ofFloats(int bits, DType panels, int m) {
        return new BlockProduct(new FloatProduct(bits, panels), new FloatEnds(), NARROW, m);
    }

    /**
     * A block of a product of float32 whose sums are multiplied by factors before anything is added to them.
     *
     * @param bits the width of vectors, 256 or 512; a panel has two vectors
     * @param panels the element type of the panels: float32, float16 or bfloat16
     * @param m the rows, at least 1
     * @return the block
     */
    public static BlockProduct ofScaledFloats(int bits, DType panels, int m) {
        return new BlockProduct(new FloatProduct(bits, panels), new FloatEnds(true), NARROW, m);
    }

    /**
     * A block of a product of float32 with panels of float32.
     *
     * @param bits the width of vectors, 256 or 512; a panel has two vectors
     * @param m the rows, at least 1
     * @return the block
     */
    public static BlockProduct ofFloats(int bits, int m) {
        return ofFloats(bits, DType.FLOAT32, m);
    }

    /**
     * A block of a product of bytes less their zero points.
     *
     * @param arithmetic how bytes are multiplied; if it widens them, rows hold int16
     * @param signedA whether the rows hold signed bytes. Zero points of rows have {@link ByteArithmetic#added} in them
     * @param floats whether sums become float32, which may be scaled; else they are stored as int32
     * @param m the rows, at least 1
     * @param columns the number of columns, of which a multiple of 32 may be left out at the beginning
     * @return the block
     */
    public static BlockProduct ofBytes(ByteArithmetic arithmetic, boolean signedA, boolean floats, int m, int columns) {
        int rest = columns % (2 * BytePanels.COLUMNS);
        return new BlockProduct(
                arithmetic.product(signedA),
                new IntegerEnds(floats ? IntegerEnds.Result.FLOAT32 : IntegerEnds.Result.INT32),
                arithmetic.panelVectors(),
                m,
                rest > 0 && rest <= BytePanels.COLUMNS);
    }

    /**
     * The most rows of a tile of float32 that is two vectors wide.
     *
     * @param bits the width of vectors, 256 or 512
     * @return the rows
     */
    public static int maxFloatRows(int bits) {
        return maxRows(new FloatProduct(bits), new FloatEnds(), NARROW);
    }

    /** The most rows of a tile. */
    static int maxRows(TileProduct product, TileEnds ends, int vectors) {
        int registers = product.bits() == REGISTERS_512 * 16 ? REGISTERS_512 : REGISTERS_256;
        int others = product.constants() + TileEmitter.temporaries(product, ends);
        return Math.min(MAX_ROWS, (registers - vectors - others) / vectors);
    }

    @Override
    public String id() {
        return id(height, whole[1] == null ? NARROW : WIDE);
    }

    @Override
    public String tile() {
        return tile(height, whole[1] == null ? NARROW : WIDE);
    }

    private String tile(int rows, int vectors) {
        return rows + "x" + vectors * product.bits() / Integer.SIZE + "_" + product.suffix();
    }

    private String id(int rows, int vectors) {
        return "gemm_" + product.operands() + ends.results() + "_" + tile(rows, vectors);
    }

    private NativeFunction function(int rows, int vectors) {
        return KernelCode.of(
                id(rows, vectors) + "_of_" + panelVectors,
                () -> new TileEmitter(product, ends, rows, vectors, panelVectors).emit());
    }

    /** The columns of a panel. */
    private int panelColumns() {
        return panelVectors * product.bits() / Integer.SIZE;
    }

    @Override
    public void run(MemorySegment block, int columns) {
        int single = SINGLE * product.bits() / Integer.SIZE;
        int narrow = NARROW * single;
        int wide = WIDE * single;
        int wideColumns = whole[1] == null ? 0 : columns % wide > narrow ? columns : columns / wide * wide;
        if (wideColumns > 0) {
            columns(block, 1, Math.ceilDiv(wideColumns, wide), wideColumns - (wideColumns - 1) / wide * wide, wide);
            TileBlock.moveColumns(block, wideColumns, panelColumns(), ends);
        }
        int left = columns - wideColumns;
        int last = whole[2] != null && left % narrow <= single ? left % narrow : 0;
        int narrowColumns = left - last;
        if (narrowColumns > 0) {
            columns(
                    block,
                    0,
                    Math.ceilDiv(narrowColumns, narrow),
                    narrowColumns - (narrowColumns - 1) / narrow * narrow,
                    narrow);
        }
        if (last > 0) {
            TileBlock.moveColumns(block, narrowColumns, panelColumns(), ends);
            columns(block, 2, 1, last, single);
        }
    }

    /**
     * Asks for memory while products are computed, a step each turn of the loop over terms, so that the next panels are near when
     * they are read.
     *
     * @param block the block of arguments
     * @param from the address of the memory that is read next
     * @param panelRuns how often a panel is multiplied with as many rows as this block has, before the next one follows
     */
    public void prefetch(MemorySegment block, long from, int panelRuns) {
        TileBlock.set(block, TileArgument.PREFETCH, from);
        long turnBytes = (long) TileEmitter.UNROLL * panelVectors * product.rightBytes();
        TileBlock.set(block, TileArgument.PREFETCH_STEP, turnBytes / ((long) panelRuns * (tiles + lowTiles)));
    }

    private void columns(MemorySegment block, int width, int groups, int lastColumns, int groupColumns) {
        TileBlock.setLastMasks(block, lastColumns, product.bits());
        TileBlock.set(block, TileArgument.LAST_IS_WHOLE, lastColumns == groupColumns ? 1 : 0);
        TileBlock.set(block, TileArgument.GROUPS, groups);
        TileBlock.set(block, TileArgument.TILES, tiles);
        whole[width].call(block.address());
        if (last[width] != null) {
            TileBlock.moveRows(block, (long) tiles * height, ends);
            TileBlock.set(block, TileArgument.TILES, lowTiles);
            last[width].call(block.address());
            TileBlock.moveRows(block, -(long) tiles * height, ends);
        }
    }
}
