package dev.tenon.kernel.vector.gemm;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.GemmBlocking;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The float32 matrix product {@code C[m,n] = start + A[m,k] * B[k,n]} of one shape, with B packed by {@link
 * VectorPanels}. {@code start} is zero, a row for all rows (a bias), or the contents of C.
 *
 * <p>C is split into {@link #parts()} parts, blocks of rows and panels, as a function of the shape, of {@link
 * SimdSpecies} and of the caches. Each element is summed in blocks of at most {@link GemmTile#DEPTH} terms, each block
 * one chain of fused multiply-adds in the order of k, so that its bits depend neither on the split nor on the thread.
 * NaN and infinities propagate as in IEEE 754. A product with k = 0 is {@code start}.
 *
 * <p>Immutable and safe for any number of threads. Runs allocate nothing, see {@link GemmScratch}.
 */
public final class VectorGemm {
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final long PANEL_BYTES = (long) COLUMNS * Float.BYTES;
    private static final MemorySegment ZEROS = Arena.global().allocate(COLUMNS * (long) Float.BYTES, 64);

    /**
     * Bounds of the panels of a part, if there are enough parts. The cost of packing its rows of A is shared by them.
     */
    private static final int MIN_PANELS = 2;

    private static final int MAX_PANELS = 8;

    /** The parts of a product with few rows, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /** The fewest cycles of a part, as {@link #panelCycles} estimates them: about ten microseconds. */
    private static final long PART_CYCLES = 1 << 15;

    /** Roughly the bytes that one cycle loads from the last-level cache. */
    private static final int BYTES_PER_CYCLE = 10;

    private final int m;
    private final int n;
    private final int k;
    private final GemmBlocking blocking;
    private final int depth;
    private final int partRows;
    private final int partPanels;
    private final int rowParts;
    private final int columnParts;

    /** Column parts whose panels stay in the last-level cache until the next block of rows reads them. */
    private final int cachedColumnParts;

    /** Packs rows of A, or null if A is a row-major matrix. */
    private final RowPacker packer;

    private final int depthBlocks;

    /**
     * Whether the rows of a part are packed with all their terms and reused by the parts of the same rows that follow.
     */
    private final boolean wholeRows;

    /**
     * Blocks of terms that are multiplied for a tile before the next tile: all, if the first-level cache cannot hold a
     * panel's block.
     */
    private final int depthBlocksPerPass;

    /** A product with the split for typical caches. */
    VectorGemm(int m, int n, int k) {
        this(m, n, k, VectorTier.TYPICAL);
    }

    /**
     * A product with row-major A.
     *
     * @param m rows of A and C, at least 0
     * @param n columns of B and C, at least 0
     * @param k columns of A and rows of B, at least 0
     * @param tiling chooses block sizes
     */
    public VectorGemm(int m, int n, int k, Tiling tiling) {
        this(m, n, k, tiling, null);
    }

    /**
     * A product with any A.
     *
     * @param m rows of A and C, at least 0
     * @param n columns of B and C, at least 0
     * @param k columns of A and rows of B, at least 0
     * @param tiling chooses block sizes
     * @param packer packs rows of A; it ignores the offset and the row stride of A; null if A is a row-major matrix
     */
    public VectorGemm(int m, int n, int k, Tiling tiling, RowPacker packer) {
        this.packer = packer;
        if (m < 0 || n < 0 || k < 0) {
            throw new IllegalArgumentException(
                    "matrix product: m " + m + ", n " + n + ", k " + k + ": sizes must not be negative");
        }
        this.m = m;
        this.n = n;
        this.k = k;
        blocking = tiling.gemm(m, n, k);
        depth = blocking.kc();
        depthBlocks = Math.max(1, Math.ceilDiv(k, depth));
        partRows = blocking.mc();
        rowParts = Math.max(1, Math.ceilDiv(m, partRows));
        int panels = VectorPanels.panels(n);
        long enough = Math.ceilDiv(PART_CYCLES, Math.max(1, panelCycles(Math.min(m, partRows), k)));
        int shared = Math.clamp((long) panels * rowParts / TARGET_PARTS, MIN_PANELS, MAX_PANELS);
        int few = (int) Math.min(Math.max(enough, shared), Math.max(1, panels));
        columnParts = Math.max(1, Math.ceilDiv(panels, few));
        partPanels = Math.ceilDiv(panels, columnParts);
        wholeRows = blocking.wholeRows() && columnParts > 1;
        boolean near = (long) depth * COLUMNS * Float.BYTES <= tiling.caches().l1Bytes();
        depthBlocksPerPass = wholeRows && !near ? depthBlocks : 1;
        cachedColumnParts = Math.clamp(blocking.nc() / COLUMNS / Math.max(1, partPanels), 1, columnParts);
        Math.multiplyExact(rowParts, columnParts);
    }

    /** The estimated cycles of a panel: its arithmetic, or loading its bytes if there are few rows. */
    private static long panelCycles(int rows, int k) {
        return (long) k * Math.max(2L * rows, COLUMNS * Float.BYTES / BYTES_PER_CYCLE);
    }

    /** The most tiles of a part's rows. */
    private int tiles() {
        return partRows / GemmTile.ROWS + GemmTile.ROWS / 4;
    }

    /** The block sizes. */
    public GemmBlocking blocking() {
        return blocking;
    }

    /**
     * The number of parts.
     *
     * @return at least 1
     */
    public int parts() {
        return rowParts * columnParts;
    }

    /**
     * The estimated work of one part.
     *
     * @return nanoseconds on one current core, a rough figure
     */
    public long partNanos() {
        return 1 + panelCycles(Math.min(m, partRows), k) * partPanels / 3;
    }

    /** Computes a range of parts without an epilogue. Parameters are those of the other method. */
    public void run(
            int from,
            int to,
            MemorySegment a,
            long aOffset,
            long lda,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long ldc,
            MemorySegment bias,
            long biasOffset,
            boolean accumulate) {
        run(from, to, a, aOffset, lda, b, bOffset, c, cOffset, ldc, bias, biasOffset, accumulate, null, null, null);
    }

    /**
     * Computes a range of parts. Memory is native and not mapped. A, B and the bias may not overlap C.
     *
     * @param from the first part
     * @param to the part after the last
     * @param a A, float32, row-major
     * @param aOffset the byte offset of A's first element
     * @param lda elements from a row of A to the next
     * @param b B in panels
     * @param bOffset the byte offset of the first panel
     * @param c C, float32, row-major
     * @param cOffset the byte offset of C's first element
     * @param ldc elements from a row of C to the next
     * @param bias n elements that every row of C starts from, or null for zeros; null if {@code accumulate}
     * @param biasOffset the byte offset of the first of them, ignored if there is no bias
     * @param accumulate whether to add to the contents of C
     * @param epilogue the work on finished blocks, or null
     * @param operands the operands that the epilogue gets, or null if it needs none
     * @param memory the scratch memory that the epilogue gets, or null if it needs none
     * @throws IndexOutOfBoundsException if parts or operands are out of range
     * @throws IllegalArgumentException if memory is on the heap or mapped, or if there is a bias and {@code accumulate}
     */
    public void run(
            int from,
            int to,
            MemorySegment a,
            long aOffset,
            long lda,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long ldc,
            MemorySegment bias,
            long biasOffset,
            boolean accumulate,
            TileEpilogue epilogue,
            MemorySegment[] operands,
            MemorySegment memory) {
        Objects.checkFromToIndex(from, to, parts());
        OperandChecks.check("A", a, aOffset, packer == null ? OperandChecks.extent(m, k, lda) : 0);
        OperandChecks.check("B", b, bOffset, VectorPanels.byteSize(k, n));
        OperandChecks.check("C", c, cOffset, OperandChecks.extent(m, n, ldc));
        if (bias != null) {
            OperandChecks.check("the bias", bias, biasOffset, n * (long) Float.BYTES);
        }
        if (bias != null && accumulate) {
            throw new IllegalArgumentException(
                    "matrix product: it has a bias and accumulates into C; add one of them in an epilogue");
        }
        if (m == 0 || n == 0) {
            return;
        }
        StoreEpilogue stored = epilogue == null ? null : epilogue.asStoreEpilogue();
        GemmScratch s = GemmScratch.take();
        try {
            s.a = a;
            s.aOffset = aOffset;
            s.aRow = lda * Float.BYTES;
            s.b = b;
            s.bOffset = bOffset;
            s.c = c;
            s.cOffset = cOffset;
            s.cRow = ldc * Float.BYTES;
            s.start = accumulate ? c : bias == null ? ZEROS : bias;
            s.startOffset = accumulate ? cOffset : bias == null ? 0 : biasOffset;
            s.startRow = accumulate ? s.cRow : 0;
            s.startPanel = accumulate || bias != null ? PANEL_BYTES : 0;
            s.residual = stored == null || stored.residual() < 0 ? null : operands[stored.residual()];
            s.bounds = stored == null ? null : stored.bounds();
            for (int part = from; part < to; part++) {
                part(part, s, stored == null ? epilogue : null, operands, memory);
            }
        } finally {
            s.give();
        }
    }

    private void part(int part, GemmScratch s, TileEpilogue epilogue, MemorySegment[] operands, MemorySegment memory) {
        // Cached column parts vary fastest, so that packed rows serve all of them.
        int near = part / (rowParts * cachedColumnParts) * cachedColumnParts;
        int within = part - near * rowParts;
        int across = Math.min(cachedColumnParts, columnParts - near);
        int row0 = within / across * partRows;
        int rows = Math.min(partRows, m - row0);
        int panel0 = (near + within % across) * partPanels;
        int endPanel = Math.min(VectorPanels.panels(n), panel0 + partPanels);
        boolean packed = wholeRows && s.row == row0;
        s.row = row0;
        for (int block = 0; block < depthBlocks; block += depthBlocksPerPass) {
            int endBlock = block + depthBlocksPerPass;
            for (int i = block; !packed && i < endBlock; i++) {
                packRows(s, row0, rows, i);
            }
            for (int panel = panel0; panel < endPanel; panel++) {
                // Until the loops are compiled, a panel takes as long as many parts do later.
                WorkBudget.check();
                multiplyPanel(s, row0, rows, panel, block, endBlock);
            }
        }
        if (epilogue != null) {
            long at = s.cOffset + row0 * s.cRow + panel0 * PANEL_BYTES;
            int columns = Math.min(n - panel0 * COLUMNS, (endPanel - panel0) * COLUMNS);
            epilogue.apply(s.c, at, rows, columns, s.cRow / Float.BYTES, operands, memory);
        }
    }

    /** The terms of a block. */
    private int terms(int block) {
        return Math.min(depth, k - block * depth);
    }

    /** The packed rows of a tile for a block of terms. */
    private float[] packedTile(GemmScratch s, int block, int tile) {
        return s.block((wholeRows ? block * tiles() : 0) + tile);
    }

    /** Packs a block of terms of some rows, tile by tile. */
    private void packRows(GemmScratch s, int row0, int rows, int block) {
        int tile = 0;
        for (int row = 0; row < rows; tile++) {
            int height = GemmTile.height(rows - row);
            float[] to = packedTile(s, block, tile);
            if (packer == null) {
                long from = s.aOffset + (row0 + row) * s.aRow + (long) block * depth * Float.BYTES;
                GemmRows.copy(s.a, from, s.aRow, height, terms(block), to);
            } else {
                packer.packRows(s.a, row0 + row, height, block * depth, terms(block), to);
            }
            row += height;
        }
    }

    /** Multiplies packed rows with some blocks of terms of a panel, and adds each product to the result. */
    private void multiplyPanel(GemmScratch s, int row0, int rows, int panel, int firstBlock, int endBlock) {
        int columns = Math.min(COLUMNS, n - panel * COLUMNS);
        int tile = 0;
        for (int row = row0; row < row0 + rows; tile++) {
            int height = GemmTile.height(row0 + rows - row);
            long to = s.cOffset + row * s.cRow + panel * PANEL_BYTES;
            for (int block = firstBlock; block < endBlock; block++) {
                long from = s.bOffset + VectorPanels.offset(k, panel, block * depth);
                GemmTile.multiply(height, packedTile(s, block, tile), s.b, from, terms(block), s.tile);
                boolean last = block == depthBlocks - 1;
                if (block == 0) {
                    long start = s.startOffset + row * s.startRow + panel * s.startPanel;
                    GemmRows.put(s, height, columns, to, s.start, start, s.startRow, last);
                } else {
                    GemmRows.put(s, height, columns, to, s.c, to, s.cRow, last);
                }
            }
            row += height;
        }
    }
}
