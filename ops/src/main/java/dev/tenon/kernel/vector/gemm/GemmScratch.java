package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.vector.SimdSpecies;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The arrays that one run of a kernel works in: packed rows and a result tile of {@link VectorGemm}, rows of softmax,
 * image rows and transformed tiles of convolutions. They come from a pool. A run allocates nothing once the pool holds
 * as many as there are simultaneous runs.
 */
public final class GemmScratch {
    private static final int SLOTS = 64;
    private static final AtomicReferenceArray<GemmScratch> POOL = new AtomicReferenceArray<>(SLOTS);

    /** The rows of the largest tile of any kind. */
    static final int MOST_ROWS = Math.max(GemmTile.ROWS, PairTile.ROWS);

    /** The rows of a block of softmax. */
    public static final int SOFTMAX_ROWS = 32;

    /** The elements of an array of rows: enough for the rows of any tile. */
    public static final int ELEMENTS = 12 * GemmTile.ROW;

    private static final int BLOCK_ELEMENTS = GemmTile.ROWS * GemmTile.ROW;
    private static final int FEW_BLOCKS = 16;

    /** Rows of A, {@link GemmTile#ROW} elements apart. */
    public final float[] rows = new float[ELEMENTS];

    /** The rows of tiles of A, {@link GemmTile#ROW} elements apart; null where no run has needed one yet. */
    float[][] blocks = new float[FEW_BLOCKS][];

    /** The first row of A that {@link #blocks} hold for this run, or -1. */
    int row = -1;

    /** The first row of A that {@link #product} holds for this run, or -1. */
    int transposed = -1;

    /** The state of a product without vectors, see {@link PlainProduct}; null if no run has needed it. */
    private PlainProduct product;

    /** The product of a tile, {@link GemmTile#COLUMNS} elements from row to row. */
    public final float[] tile = new float[MOST_ROWS * GemmTile.COLUMNS];

    /** The product of the same rows with another panel. */
    public final float[] second = new float[PairTile.ROWS * GemmTile.COLUMNS];

    /** A general array, as long as any run has needed so far: image rows, or products of transformed tiles. */
    private float[] elements = new float[0];

    /** Receives the values of loads that only prefetch; otherwise the JIT compiler would remove these loads. */
    public int seen;

    /** The start values of the rows of a tile, or of the lanes of a vector. */
    public final float[] start = new float[Math.max(GemmTile.ROWS, SimdSpecies.LANES)];

    /** The maximum of each row of softmax. */
    public final float[] maxima = new float[SOFTMAX_ROWS];

    /** The maximum of each row in the blocks so far. */
    public final float[] running = new float[SOFTMAX_ROWS];

    /** The sum of each row in the blocks so far. */
    public final float[] sums = new float[SOFTMAX_ROWS];

    /** A factor for each row. */
    public final float[] factors = new float[SOFTMAX_ROWS];

    /** The vectors of a tile between two transforms, or one vector for each row of softmax. */
    public final float[] lanes = new float[36 * SimdSpecies.LANES];

    private GemmScratch() {}

    /** An array of {@link #blocks}, allocated if it does not exist yet. */
    public float[] block(int index) {
        if (index >= blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(index + 1, 2 * blocks.length));
        }
        if (blocks[index] == null) {
            blocks[index] = new float[BLOCK_ELEMENTS];
        }
        return blocks[index];
    }

    /**
     * The state of a product without vectors, allocated if it does not exist yet. It is dropped at the end of a run, as
     * few runs need it.
     */
    PlainProduct product() {
        if (product == null) {
            product = new PlainProduct();
        }
        return product;
    }

    /**
     * The general array, with at least some elements. Calls of one run get the same array unless a call asks for more
     * elements.
     */
    public float[] elements(int count) {
        if (elements.length < count) {
            elements = new float[count];
        }
        return elements;
    }

    /** Takes arrays from the pool; their contents are undefined. The caller owns them until {@link #give}. */
    public static GemmScratch take() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (POOL.getPlain(slot) != null) {
                GemmScratch free = POOL.getAndSet(slot, null);
                if (free != null) {
                    free.row = -1;
                    free.transposed = -1;
                    return free;
                }
            }
        }
        return new GemmScratch();
    }

    /** Returns the arrays to the pool. If the pool is full they become garbage. */
    public void give() {
        product = null;
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
                return;
            }
        }
    }
}
