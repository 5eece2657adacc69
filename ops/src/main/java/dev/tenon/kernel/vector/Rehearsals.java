package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import dev.tenon.kernel.Rehearsal.Loop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The loops on vectors that are rehearsed, see {@link Rehearsal}, and the data that they are rehearsed with. Each has a
 * plain one with the same bits in {@link PlainTile} and the classes beside it. A loop that is to be rehearsed returns at
 * once when it has nothing to do, before its first vector, and not from the end of a loop that did not go round: the
 * compiler unrolls what goes round often on the average.
 */
final class Rehearsals {
    private static final int LANES = VectorShape.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROW = GemmTile.ROW;

    /** Terms of tiles: as few as show the compiler a loop that goes round. */
    private static final int TERMS = 2;

    private static final int ROWS = 16;
    private static final int VECTORS = 32;

    /** The heights that {@link GemmTile} has loops for. */
    private static final int[] HEIGHTS = {1, 2, 4, 5, 8, 12};

    /** By the rows of a tile. */
    private static final Rehearsal[] TILES = tiles();

    static final Rehearsal PAIR_OF_ROWS = Rehearsal.first(() -> pairLoop(1));
    static final Rehearsal PAIR_OF_TILES = Rehearsal.first(() -> pairLoop(PairTile.ROWS));
    static final Rehearsal NARROW_FEW = Rehearsal.first(() -> narrowLoop(LANES, 1));
    static final Rehearsal NARROW = Rehearsal.first(() -> narrowLoop(LANES, GemmTile.ROWS));
    static final Rehearsal MIDDLE = Rehearsal.first(() -> narrowLoop(LANES + 1, GemmTile.ROWS));

    static final Rehearsal COPY_ROWS = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] to = new float[ROW];
        return List.of(Loop.of(n -> VectorGemm.copyVectors(m, 0, 0, n, VECTORS / 2 * LANES, to)));
    });

    static final Rehearsal PUT = Rehearsal.first(() -> {
        MemorySegment m = memory();
        float[] tile = new float[ROWS * COLUMNS];
        return List.of(
                Loop.of(n -> GemmRows.putPlusRow(tile, n * ROWS, m, 0, 0, m, COLUMNS * (long) Float.BYTES)),
                Loop.of(n -> GemmRows.putPlusRows(tile, n * ROWS, m, 0, 0, m, 0, 0)));
    });

    static final Rehearsal PACK = of(m -> List.of(Loop.of(n -> VectorPanels.copyVectors(m, 0, 0, n * VECTORS, m, 0))));

    static final Rehearsal ADD =
            of(m -> List.of(Loop.of(n -> VectorBinary.addBoth(m, 0, m, 0, m, 0, n * VECTORS * LANES))));

    static final Rehearsal GELU =
            of(m -> List.of(Loop.calling(n -> VectorUnary.geluVectors(m, 0, m, 0, n * VECTORS * LANES))));

    static final Rehearsal SUMS = of(m -> List.of(
            Loop.of(n -> VectorRuns.sumVectors(m, STEP, STEP + n * VECTORS * STEP, m)),
            Loop.of(n -> VectorRuns.deviationVectors(m, STEP, STEP + n * VECTORS * STEP, 0, m))));

    static final Rehearsal SHIFT =
            of(m -> List.of(Loop.of(n -> VectorNorm.shiftVectors(m, m, 0, m, m, 0, 0, n * VECTORS * STEP))));

    static final Rehearsal SUM_OF_ROWS =
            of(m -> List.of(Loop.of(n -> VectorSumNorm.addVectors(m, 0, m, 0, m, 0, n * VECTORS * STEP))));

    static final Rehearsal ATTENTION = Rehearsal.of(() -> {
        MemorySegment m = memory();
        GemmScratch g = GemmScratch.take();
        int length = VECTORS / 2 * LANES;
        return List.of(
                Loop.of(n -> VectorAttention.loadVectors(m, 0, 0, n, length, 0, g.rows)),
                Loop.of(n -> VectorAttention.putVectors(g.tile, n * GemmTile.ROWS, g.rows, 0)),
                Loop.of(n -> VectorAttention.biasVectors(m, 0, 0, n, length, g.rows)),
                Loop.of(n -> VectorAttention.scaleVectors(g.tile, n * GemmTile.ROWS, COLUMNS, g.factors)),
                Loop.of(n -> VectorAttention.areFinite(m, 0, n * VECTORS * STEP)),
                Loop.of(n -> SoftmaxRows.maxima(g.rows, n, ROW, length, g)),
                Loop.calling(n -> SoftmaxRows.shares(g.rows, n, ROW, length, g)));
    });

    private Rehearsals() {}

    private static MemorySegment memory() {
        return Arena.ofAuto().allocate((VECTORS + 1) * 2 * STEP, STEP);
    }

    private interface Loops {
        List<Loop> over(MemorySegment memory);
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

    private static List<Loop> tileLoop(int rows) {
        MemorySegment panel = memory();
        GemmScratch g = GemmScratch.take();
        long step = VectorPanels.panelBytes(1);
        return List.of(Loop.of(n -> GemmTile.vectors(rows, g.rows, panel, 0, step, n * TERMS, g.tile, 0)));
    }

    private static List<Loop> pairLoop(int rows) {
        MemorySegment panels = memory();
        GemmScratch g = GemmScratch.take();
        long second = VectorPanels.panelBytes(TERMS);
        return List.of(Loop.of(n -> PairTile.vectors(rows, g.rows, panels, 0, second, n * TERMS, g.tile, g.second)));
    }

    private static List<Loop> narrowLoop(int columns, int rows) {
        MemorySegment panel = memory();
        GemmScratch g = GemmScratch.take();
        return List.of(Loop.of(n -> NarrowTile.vectors(columns, rows, g.rows, panel, 0, n * TERMS, g.tile)));
    }
}
