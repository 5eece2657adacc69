package dev.tenon.kernel.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the tiles of products compiled before the first large product needs them. A JVM compiles what is called and goes
 * round often, whatever that takes; and until a tile is compiled, a term of it takes hundreds of times as long as later,
 * and makes the compilers busy with the general forms of its vector operations. So tiles are called with next to no terms
 * until they are fast, which takes half as long as waiting for that in a product.
 */
final class TileRehearsal {
    /** Multiplications of a product from which on it takes about as long as rehearsing where no tile is compiled. */
    private static final long WORTH_REHEARSING = 1 << 22;

    /** Terms of a call: as few as show the compiler a loop that goes round. */
    private static final int TERMS = 2;

    /** What a call of a compiled tile takes at most; others take several times as long. */
    private static final long COMPILED_NANOS = 500;

    /** For a JVM that compiles nothing, or not by its last compiler. */
    private static final long LONGEST_NANOS = 300_000_000;

    private static volatile boolean over;

    private TileRehearsal() {}

    /**
     * Rehearses the tiles of a product unless it is small or another one's have been rehearsed. Meanwhile other threads
     * wait: in a product they would only take time from the compilers.
     *
     * @param m rows of a product that is about to run
     * @param n its columns
     * @param k its terms
     */
    static void before(int m, int n, int k) {
        if (!over && (double) m * n * k >= WORTH_REHEARSING) {
            rehearse(m);
        }
    }

    private static synchronized void rehearse(int m) {
        if (over) {
            return;
        }
        long end = System.nanoTime() + LONGEST_NANOS;
        long second = VectorPanels.panelBytes(TERMS);
        MemorySegment panels = Arena.ofAuto().allocate(2 * second, 64);
        GemmScratch g = GemmScratch.take();
        try {
            List<Runnable> tiles = new ArrayList<>();
            int before = 0;
            for (int row = 0; row < m; row += before) {
                int rows = GemmTile.height(m - row);
                if (rows != before) {
                    tiles.add(() -> GemmTile.multiply(rows, g.rows, panels, 0, TERMS, g.tile));
                }
                before = rows;
            }
            if (PairTile.pays(m)) {
                tiles.add(() -> PairTile.multiply(m, g.rows, panels, 0, second, TERMS, g.tile, g.second));
            }
            untilCompiled(tiles, end);
        } finally {
            g.give();
        }
        over = true;
    }

    /** Calls tiles in turns, so that all are in the compilers' queue while one is compiled. */
    private static void untilCompiled(List<Runnable> tiles, long end) {
        while (!tiles.isEmpty() && System.nanoTime() < end) {
            tiles.removeIf(tile -> {
                long before = System.nanoTime();
                tile.run();
                return System.nanoTime() - before <= COMPILED_NANOS;
            });
        }
    }
}
