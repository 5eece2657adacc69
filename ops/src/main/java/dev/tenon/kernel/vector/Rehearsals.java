package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The loops on vectors that are rehearsed, see {@link Rehearsal}, and the data that they are rehearsed with. Each has a
 * plain one with the same bits in {@link PlainTile} and the classes beside it. A loop goes round a number of times that is
 * usual for it: the compiler unrolls what goes round often.
 */
final class Rehearsals {
    private static final int LANES = VectorShape.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROW = GemmTile.ROW;

    /** Terms of tiles: as few as show the compiler a loop that goes round. */
    private static final int TERMS = 2;

    private static final int ROWS = 16;
    private static final int VECTORS = 16;

    /** Those of loops with some dozen operations for each. */
    private static final int FEW = 4;

    /** The heights that {@link GemmTile} has loops for. */
    private static final int[] HEIGHTS = {1, 2, 4, 5, 8, 12};

    /** By the rows of a tile. */
    private static final Rehearsal[] TILES = tiles();

    static final Rehearsal PAIR_OF_ROWS = Rehearsal.first(() -> pairLoop(1));
    static final Rehearsal PAIR_OF_TILES = Rehearsal.first(() -> pairLoop(PairTile.ROWS));
    static final Rehearsal NARROW_FEW = Rehearsal.first(() -> narrowLoop(LANES, 1));
    static final Rehearsal NARROW = Rehearsal.first(() -> narrowLoop(LANES, GemmTile.ROWS));
    static final Rehearsal MIDDLE = Rehearsal.first(() -> narrowLoop(LANES + 1, GemmTile.ROWS));

    static final Rehearsal SHORT_TILE = Rehearsal.first(() -> List.of(shortLoop(LANES), shortLoop(COLUMNS)));

    static final Rehearsal COPY_ROWS = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] to = new float[ROW];
        return List.of(() -> VectorGemm.copyVectors(m, 0, 0, 1, VECTORS * LANES, to));
    });

    static final Rehearsal PUT = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] tile = new float[ROWS * COLUMNS];
        return List.of(
                () -> GemmRows.putPlusRow(tile, ROWS, m, 0, 0, m, COLUMNS * (long) Float.BYTES),
                () -> GemmRows.putPlusRows(tile, ROWS, m, 0, 0, m, 0, 0),
                () -> GemmRows.putSum(tile, ROWS, m, 0, 0, m, COLUMNS * (long) Float.BYTES, 0, m));
    });

    static final Rehearsal PACK = of(m -> List.of(() -> VectorPanels.copyVectors(m, 0, 0, VECTORS, m, 0)));

    static final Rehearsal ADD = of(m -> List.of(() -> VectorBinary.addBoth(m, 0, m, 0, m, 0, VECTORS * LANES)));

    static final Rehearsal INTEGERS = of(m -> List.of(
            () -> VectorIntegerGemm.signedVectors(m, 0, 1, VECTORS * LANES, m, VECTORS * STEP),
            () -> VectorIntegerGemm.unsignedVectors(m, 0, 1, VECTORS * LANES, m, VECTORS * STEP)));

    static final Rehearsal GELU = of(m -> List.of(() -> VectorUnary.geluVectors(m, 0, m, 0, FEW * LANES)));

    static final Rehearsal SUMS = of(m -> List.of(
            () -> VectorRuns.sumVectors(m, STEP, STEP + VECTORS * STEP, m),
            () -> VectorRuns.deviationVectors(m, STEP, STEP + VECTORS * STEP, 0, m)));

    static final Rehearsal SHIFT = of(m -> List.of(() -> VectorNorm.shiftVectors(m, m, 0, m, m, 0, 0, VECTORS * STEP)));

    static final Rehearsal SUM_OF_ROWS =
            of(m -> List.of(() -> VectorSumNorm.addVectors(m, 0, m, 0, m, 0, VECTORS * STEP)));

    static final Rehearsal GEMM_END = of(m -> List.of(
            () -> GemmEnd.addAll(m, 0, VECTORS * LANES, 1, m, 0, 1),
            () -> GemmEnd.addOne(m, 0, VECTORS * LANES, 1, 1)));

    static final Rehearsal DOTS = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] lanes = new float[VectorDots.ROWS * LANES];
        return List.of(() -> VectorDots.four(m, 0, STEP, 2 * STEP, 3 * STEP, m, 0, VECTORS * STEP, lanes));
    });

    static final Rehearsal WEIGHTED_ROWS = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] sums = new float[VECTORS * LANES];
        return List.of(
                () -> VectorWeightedRows.four(1, 1, 1, 1, m, 0, STEP, VECTORS, sums, 0),
                () -> VectorWeightedRows.one(1, m, 0, VECTORS, sums, 0));
    });

    static final Rehearsal ATTENTION = Rehearsal.of(() -> {
        MemorySegment m = memory();
        GemmScratch g = GemmScratch.take();
        int length = Math.min(VECTORS * LANES, GemmTile.DEPTH);
        return List.of(
                () -> AttentionTile.loadVectors(m, 0, 0, 1, length, 0, g.rows, 0),
                () -> VectorAttention.putVectors(g.tile, GemmTile.ROWS, g.rows, 0),
                () -> AttentionTile.biasVectors(m, 0, 0, 1, 0, length, g.rows),
                () -> AttentionTile.scaleVectors(g.tile, GemmTile.ROWS, COLUMNS, g.factors),
                () -> AttentionTile.areFinite(g.tile, g.tile.length),
                () -> SoftmaxRows.maxima(g.rows, 1, ROW, length, g),
                () -> SoftmaxRows.shares(g.rows, 1, ROW, FEW * LANES, g));
    });

    static final Rehearsal SHORT_RUNS = of(m -> {
        MemorySegment y = memory();
        return List.of(() -> ShortSums.vectors(m, 0, FEW, FEW * LANES - 1, FEW, y, 0));
    });

    static final Rehearsal RESIZE_MOVES = of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(1, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(1, 2));
        ResizeLines lines = ResizeLines.rehearsed(1);
        int[] rows = new int[FEW];
        MemorySegment y = memory();
        return List.of(
                () -> up.move(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> down.moveWide(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> lines.move(m, 0, STEP, 0, ResizeLines.REHEARSED, y, 0, STEP));
    });

    static final Rehearsal RESIZE_PAIRS = of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(2, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(2, 2));
        ResizeLines lines = ResizeLines.rehearsed(2);
        EvenTaps two = new EvenTaps(2, new int[2 * FEW], new float[2 * FEW]);
        int[] rows = new int[FEW];
        MemorySegment y = memory();
        return List.of(
                () -> up.pairs(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> down.pairsWide(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> up.pairsOfPairs(two, m, 0, 0, FEW, 0, y, 0, STEP),
                () -> lines.pairs(m, 0, STEP, 0, ResizeLines.REHEARSED, y, 0, STEP),
                () -> lines.pairsOfPairs(two, m, 0, STEP, 0, 1, y, 0, STEP));
    });

    static final Rehearsal RESIZE_SUMS = of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(4, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(4, 2));
        ResizeLines lines = ResizeLines.rehearsed(4);
        int[] rows = new int[FEW];
        MemorySegment y = memory();
        return List.of(
                () -> up.sums(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> down.sumsWide(m, 0, rows, 0, FEW, 0, y, 0, STEP),
                () -> lines.sums(m, 0, STEP, 0, ResizeLines.REHEARSED, y, 0, STEP));
    });

    static final Rehearsal DOT_ROWS = Rehearsal.first(() -> {
        MemorySegment m = memory();
        GemmScratch g = GemmScratch.take();
        float[] products = new float[DotRows.ELEMENTS];
        return List.of(
                () -> DotRows.products1(g.rows, 0, m, 0, STEP, FEW, 2 * LANES, products, 0),
                () -> DotRows.products4(g.rows, 0, m, 0, STEP, FEW, 2 * LANES, products),
                () -> DotRows.fold(products, 2 * VECTORS, 1));
    });

    private Rehearsals() {}

    private static MemorySegment memory() {
        return Arena.ofAuto().allocate((VECTORS + 1) * 2 * STEP, STEP);
    }

    private interface Loops {
        List<Runnable> over(MemorySegment memory);
    }

    private static Rehearsal of(Loops loops) {
        return Rehearsal.of(() -> loops.over(memory()));
    }

    private static Rehearsal[] tiles() {
        Rehearsal[] tiles = new Rehearsal[GemmTile.ROWS + 1];
        int rows = 1;
        for (int height : HEIGHTS) {
            Rehearsal rehearsal = Rehearsal.first(() -> tileLoop(height));
            for (; rows <= Math.min(height, GemmTile.ROWS); rows++) {
                tiles[rows] = rehearsal;
            }
        }
        return tiles;
    }

    /** That of the loop for a tile of some rows. */
    static Rehearsal tile(int rows) {
        return TILES[rows];
    }

    private static List<Runnable> tileLoop(int rows) {
        MemorySegment panel = memory();
        GemmScratch g = GemmScratch.take();
        long step = VectorPanels.panelBytes(1);
        return List.of(() -> {
            // Loops of two terms go round with both, and have a last term or none.
            GemmTile.vectors(rows, g.rows, panel, 0, step, 2 * TERMS, g.tile, 0);
            GemmTile.vectors(rows, g.rows, panel, 0, step, 2 * TERMS + 1, g.tile, 0);
        });
    }

    private static List<Runnable> pairLoop(int rows) {
        MemorySegment panels = memory();
        GemmScratch g = GemmScratch.take();
        long second = VectorPanels.panelBytes(TERMS);
        return List.of(() -> PairTile.vectors(rows, g.rows, panels, 0, second, TERMS, g.tile, g.second));
    }

    private static List<Runnable> narrowLoop(int columns, int rows) {
        MemorySegment panel = memory();
        GemmScratch g = GemmScratch.take();
        return List.of(() -> NarrowTile.vectors(columns, rows, g.rows, panel, 0, TERMS, g.tile));
    }

    private static Runnable shortLoop(int columns) {
        MemorySegment panel = memory();
        MemorySegment y = memory();
        GemmScratch g = GemmScratch.take();
        return () -> ShortTile.multiply(columns, g.rows, panel, 0, TERMS, panel, 0, -1, 1, y, 0, STEP);
    }
}
