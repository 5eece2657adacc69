package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.WarmUpData;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The loops of matrix products that are compiled ahead: see {@link JitWarmUp}. */
final class GemmWarmUps {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROW = GemmTile.ROW;

    /** The terms of a tile: the fewest with which the compiler sees a loop that repeats. */
    private static final int TERMS = 2;

    private static final int ROWS = 16;

    /** The heights that {@link GemmTile} has loops for. */
    private static final int[] HEIGHTS = {1, 2, 4, 5, 8, 12};

    /** Indexed by the rows of a tile. */
    private static final JitWarmUp[] TILES = tiles();

    static final JitWarmUp PAIR_OF_ROWS = JitWarmUp.first(() -> pairLoop(1));

    static final JitWarmUp PAIR_OF_TILES = JitWarmUp.first(() -> pairLoop(PairTile.ROWS));

    static final JitWarmUp NARROW_FEW = JitWarmUp.first(() -> narrowLoop(LANES, 1));

    static final JitWarmUp NARROW = JitWarmUp.first(() -> narrowLoop(LANES, GemmTile.ROWS));

    static final JitWarmUp MIDDLE = JitWarmUp.first(() -> narrowLoop(LANES + 1, GemmTile.ROWS));

    static final JitWarmUp SHORT_TILE = JitWarmUp.first(() -> List.of(shortLoop(LANES), shortLoop(COLUMNS)));

    static final JitWarmUp COPY_ROWS = JitWarmUp.first(() -> {
        MemorySegment m = WarmUpData.memory();
        float[] to = new float[ROW];
        return List.of(() -> VectorGemm.packVectors(m, 0, 0, 1, WarmUpData.VECTORS * LANES, to));
    });

    static final JitWarmUp PUT = JitWarmUp.first(() -> {
        MemorySegment m = WarmUpData.memory();
        float[] tile = new float[ROWS * COLUMNS];
        return List.of(
                () -> GemmRows.putPlusRow(tile, ROWS, m, 0, 0, m, COLUMNS * (long) Float.BYTES),
                () -> GemmRows.putPlusRows(tile, ROWS, m, 0, 0, m, 0, 0),
                () -> GemmRows.putSum(tile, ROWS, m, 0, 0, m, COLUMNS * (long) Float.BYTES, 0, m));
    });

    static final JitWarmUp PACK =
            WarmUpData.of(m -> List.of(() -> VectorPanels.copyVectors(m, 0, 0, WarmUpData.VECTORS, m, 0)));

    static final JitWarmUp INTEGERS = WarmUpData.of(m -> List.of(
            () -> VectorIntegerGemm.convertSignedVectors(
                    m, 0, 1, WarmUpData.VECTORS * LANES, m, WarmUpData.VECTORS * WarmUpData.STEP),
            () -> VectorIntegerGemm.convertUnsignedVectors(
                    m, 0, 1, WarmUpData.VECTORS * LANES, m, WarmUpData.VECTORS * WarmUpData.STEP)));

    static final JitWarmUp GEMM_EPILOGUE = WarmUpData.of(m -> List.of(
            () -> GemmEpilogue.addScaled(m, 0, WarmUpData.VECTORS * LANES, 1, m, 0, 1),
            () -> GemmEpilogue.addConstant(m, 0, WarmUpData.VECTORS * LANES, 1, 1)));

    static final JitWarmUp DOTS = JitWarmUp.first(() -> {
        MemorySegment m = WarmUpData.memory();
        float[] lanes = new float[VectorDotGemm.ROWS * LANES];
        return List.of(() -> VectorDotGemm.dotFourRows(
                m,
                0,
                WarmUpData.STEP,
                2 * WarmUpData.STEP,
                3 * WarmUpData.STEP,
                m,
                0,
                WarmUpData.VECTORS * WarmUpData.STEP,
                lanes));
    });

    static final JitWarmUp WEIGHTED_ROWS = JitWarmUp.first(() -> {
        MemorySegment m = WarmUpData.memory();
        float[] sums = new float[WarmUpData.VECTORS * LANES];
        return List.of(
                () -> VectorAxpyGemm.addFourRows(1, 1, 1, 1, m, 0, WarmUpData.STEP, WarmUpData.VECTORS, sums, 0),
                () -> VectorAxpyGemm.addOneRow(1, m, 0, WarmUpData.VECTORS, sums, 0));
    });

    private GemmWarmUps() {}

    private static JitWarmUp[] tiles() {
        JitWarmUp[] tiles = new JitWarmUp[GemmTile.ROWS + 1];
        int rows = 1;
        for (int height : HEIGHTS) {
            JitWarmUp warmUp = JitWarmUp.first(() -> tileLoop(height));
            for (; rows <= Math.min(height, GemmTile.ROWS); rows++) {
                tiles[rows] = warmUp;
            }
        }
        return tiles;
    }

    /** The warm-up of the loop for a tile of some rows. */
    static JitWarmUp tile(int rows) {
        return TILES[rows];
    }

    private static List<Runnable> tileLoop(int rows) {
        MemorySegment panel = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        long step = VectorPanels.panelBytes(1);
        return List.of(() -> {
            // Loops that take two terms at a time repeat with both counts, with and without a last single term.
            GemmTile.vectors(rows, g.rows, panel, 0, step, 2 * TERMS, g.tile, 0);
            GemmTile.vectors(rows, g.rows, panel, 0, step, 2 * TERMS + 1, g.tile, 0);
        });
    }

    private static List<Runnable> pairLoop(int rows) {
        MemorySegment panels = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        long second = VectorPanels.panelBytes(TERMS);
        return List.of(() -> PairTile.vectors(rows, g.rows, panels, 0, second, TERMS, g.tile, g.second));
    }

    private static List<Runnable> narrowLoop(int columns, int rows) {
        MemorySegment panel = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        return List.of(() -> NarrowTile.vectors(columns, rows, g.rows, panel, 0, TERMS, g.tile));
    }

    private static Runnable shortLoop(int columns) {
        MemorySegment panel = WarmUpData.memory();
        MemorySegment y = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        return () -> ShortTile.multiply(columns, g.rows, panel, 0, TERMS, panel, 0, -1, 1, y, 0, WarmUpData.STEP);
    }
}
