package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.vector.SimdSpecies;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The arrays that one run of a kernel works in: blocks of rows and a tile of the result of {@link VectorGemm}, rows of
 * softmax, lines and transformed tiles of planes. Taken from a pool, so that a run allocates nothing once as many exist as runs went on at the same time.
 */
public final class GemmScratch {
    private static final int SLOTS = 64;
    private static final AtomicReferenceArray<GemmScratch> POOL = new AtomicReferenceArray<>(SLOTS);

    /** Rows of the largest tile of any kind. */
    static final int MOST_ROWS = Math.max(GemmTile.ROWS, PairTile.ROWS);

    /** Rows of a block of softmax. */
    public static final int SOFTMAX_ROWS = 32;

    /** Elements of an array of rows: enough for the rows of any tile. */
    public static final int ELEMENTS = 12 * GemmTile.ROW;

    private static final int BLOCK_ELEMENTS = GemmTile.ROWS * GemmTile.ROW;
    private static final int FEW_BLOCKS = 16;

    /** Rows of A, {@link GemmTile#ROW} elements apart. */
    public final float[] rows = new float[ELEMENTS];

    /** Rows of tiles of A, {@link GemmTile#ROW} elements apart; null where no run has needed one yet. */
    float[][] blocks = new float[FEW_BLOCKS][];

    /** The first row of A that {@link #blocks} hold for this run, or -1. */
    int row = -1;

    /** The first row of A that {@link #product} holds for this run, or -1. */
    int transposed = -1;

    /** What a product works in until its loops are compiled; null if none has. */
    private PlainProduct product;

    /** Whether the loops of a run of attention are compiled. */
    public boolean compiled;

    /** The first key that any query of a tile of attention may see, and the one behind the last. */
    public int firstKey;

    public int endKey;

    /** The span of keys that attention works on. */
    public int span;

    /** Whether what is added to the scores of a head's queries is written already and is nothing but zeros. */
    public boolean addsNothing;

    /** The keys between which all queries of the tile may see all, as far as it depends on where keys stand. */
    public int sharedFirst;

    public int sharedEnd;

    /** The product of a tile, {@link GemmTile#COLUMNS} elements from row to row. */
    public final float[] tile = new float[MOST_ROWS * GemmTile.COLUMNS];

    /** The product of the same rows with another panel. */
    public final float[] second = new float[PairTile.ROWS * GemmTile.COLUMNS];

    /** As many elements as a run has needed so far: lines of planes, or products of transformed tiles. */
    private float[] elements = new float[0];

    /** What came of reading memory only so that it is near; without it the reading would be left out. */
    public int seen;

    /** What the rows of a tile, or the lanes of a vector, start from. */
    public final float[] start = new float[Math.max(GemmTile.ROWS, SimdSpecies.LANES)];

    /** The maximum of each row of softmax. */
    public final float[] maxima = new float[SOFTMAX_ROWS];

    /** The maximum of each row in the blocks so far. */
    public final float[] running = new float[SOFTMAX_ROWS];

    /** The sum of each row in the blocks so far. */
    public final float[] sums = new float[SOFTMAX_ROWS];

    /** A factor for each row. */
    public final float[] factors = new float[SOFTMAX_ROWS];

    /** Vectors of a tile on the way from one transform to the next, or one for each row of softmax. */
    public final float[] lanes = new float[36 * SimdSpecies.LANES];

    private GemmScratch() {}

    /** An array of {@link #blocks}, made if it is not there. */
    public float[] block(int index) {
        if (index >= blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(index + 1, 2 * blocks.length));
        }
        if (blocks[index] == null) {
            blocks[index] = new float[BLOCK_ELEMENTS];
        }
        return blocks[index];
    }

    /** What a product works in until its loops are compiled, made if it is not there; of one run, as few need it. */
    PlainProduct product() {
        if (product == null) {
            product = new PlainProduct();
        }
        return product;
    }

    /** An array of at least some elements, the same one for each call of a run that asks for no more. */
    public float[] elements(int count) {
        if (elements.length < count) {
            elements = new float[count];
        }
        return elements;
    }

    /** Arrays with any contents, of the caller alone until it gives them back. */
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

    /** Puts the arrays back; when the pool is full they become garbage. */
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
