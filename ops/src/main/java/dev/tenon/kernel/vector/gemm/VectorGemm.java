package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.GemmBlocking;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;

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
// C and ZEROS are compared by identity: they are arguments of the same call.
@SuppressWarnings({"MemorySegmentReferenceEquality", "ReferenceEquality"})
public final class VectorGemm {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int COLUMNS = GemmTile.COLUMNS;
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

    /** Whether the panels exceed the second-level cache. */
    private final boolean panelsExceedL2;

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
        panelsExceedL2 = VectorPanels.offset(k, panels, 0) > tiling.caches().l2Bytes();
        cachedColumnParts = Math.clamp(blocking.nc() / COLUMNS / Math.max(1, partPanels), 1, columnParts);
        Math.multiplyExact(rowParts, columnParts);
    }

    /** The estimated cycles of a panel: its arithmetic, or loading its bytes if there are few rows. */
    private static long panelCycles(int rows, int k) {
        return (long) k * Math.max(2L * rows, COLUMNS * Float.BYTES / BYTES_PER_CYCLE);
    }

    /** The most tiles of a part's rows. */
    private int tiles() {
        return partRows / GemmTile.ROWS + 1;
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
        TileEpilogue rest = stored == null ? epilogue : null;
        Bounds bounds = stored == null ? null : stored.bounds();
        MemorySegment residual = stored == null || stored.residual() < 0 ? null : operands[stored.residual()];
        MemorySegment start = accumulate ? c : bias == null ? ZEROS : bias;
        long startOffset = accumulate ? cOffset : bias == null ? 0 : biasOffset;
        GemmScratch scratch = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                part(
                        part,
                        a,
                        aOffset,
                        lda * Float.BYTES,
                        b,
                        bOffset,
                        c,
                        cOffset,
                        ldc,
                        start,
                        startOffset,
                        residual,
                        bounds,
                        rest,
                        operands,
                        memory,
                        scratch);
            }
        } finally {
            scratch.give();
        }
    }

    private void part(
            int part,
            MemorySegment a,
            long aOffset,
            long aRow,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long ldc,
            MemorySegment start,
            long startOffset,
            MemorySegment residual,
            Bounds bounds,
            TileEpilogue epilogue,
            MemorySegment[] operands,
            MemorySegment memory,
            GemmScratch scratch) {
        // Cached column parts vary fastest, so that packed rows serve all of them.
        int near = part / (rowParts * cachedColumnParts) * cachedColumnParts;
        int within = part - near * rowParts;
        int across = Math.min(cachedColumnParts, columnParts - near);
        int row0 = within / across * partRows;
        int rows = Math.min(partRows, m - row0);
        int panel0 = (near + within % across) * partPanels;
        int panel1 = Math.min(VectorPanels.panels(n), panel0 + partPanels);
        int column0 = panel0 * COLUMNS;
        int columns = (int) (Math.min(n, (long) panel1 * COLUMNS) - column0);
        long cRow = ldc * Float.BYTES;
        long at = cOffset + row0 * cRow + (long) column0 * Float.BYTES;
        long startAt = start == c ? at : startOffset + (start == ZEROS ? 0 : (long) column0 * Float.BYTES);
        if (rows >= PlainProduct.LEAST_ROWS && !isCompiled(rows)) {
            transposeRows(a, aOffset, aRow, row0, rows, scratch);
            plainPanels(
                    panel0,
                    columns,
                    b,
                    bOffset,
                    rows,
                    c,
                    at,
                    cRow,
                    start,
                    startAt,
                    residual,
                    bounds,
                    scratch.product());
        } else {
            boolean copied = wholeRows && scratch.row == row0;
            scratch.row = row0;
            for (int block = 0; block < depthBlocks; block += depthBlocksPerPass) {
                for (int i = block; !copied && i < block + depthBlocksPerPass; i++) {
                    int first = wholeRows ? i * tiles() : 0;
                    packRows(a, aOffset, aRow, row0, rows, i * depth, terms(i), scratch, first);
                }
                int to = block + depthBlocksPerPass;
                panels(
                        block, to, panel0, columns, b, bOffset, rows, c, at, cRow, start, startAt, residual, bounds,
                        scratch);
            }
        }
        if (epilogue != null) {
            epilogue.apply(c, at, rows, columns, ldc, operands, memory);
        }
    }

    /** Whether the loops of a product of some rows are compiled. Counts as a request to compile them. */
    private boolean isCompiled(int rows) {
        boolean compiled = GemmTile.isCompiled(rows);
        compiled &= GemmWarmUps.COPY_ROWS.over();
        compiled &= GemmWarmUps.PUT.over();
        compiled &= !PairTile.isFaster(rows, panelsExceedL2) || PairTile.isCompiled(rows);
        return compiled;
    }

    /** Stores all terms of rows in {@link PlainProduct}, unless they are there. */
    private void transposeRows(MemorySegment a, long aOffset, long aRow, int row0, int rows, GemmScratch scratch) {
        if (scratch.transposed == row0) {
            return;
        }
        scratch.transposed = row0;
        scratch.row = -1;
        PlainProduct product = scratch.product();
        product.prepare(rows, k);
        for (int block = 0; block < depthBlocks; block++) {
            packRows(a, aOffset, aRow, row0, rows, block * depth, terms(block), scratch, 0);
            int tile = 0;
            for (int row = 0; row < rows; tile++) {
                int height = GemmTile.height(rows - row);
                product.take(scratch.blocks[tile], row, height, block * depth, terms(block));
                row += height;
            }
        }
    }

    /** The same as {@link #panels} without vectors, which runs until its loops are compiled. */
    private void plainPanels(
            int panel0,
            int columns,
            MemorySegment b,
            long bOffset,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment start,
            long startOffset,
            MemorySegment residual,
            Bounds bounds,
            PlainProduct product) {
        for (int j = 0; j < columns; j += COLUMNS) {
            // Many times slower than the vector loops.
            WorkBudget.check();
            int width = Math.min(COLUMNS, columns - j);
            long to = cOffset + (long) j * Float.BYTES;
            for (int block = 0; block < depthBlocks; block++) {
                long from = bOffset + VectorPanels.offset(k, panel0 + j / COLUMNS, block * depth);
                product.multiply(rows, b, from, block * depth, terms(block));
                MemorySegment addend = block == depthBlocks - 1 ? residual : null;
                Bounds last = block == depthBlocks - 1 ? bounds : null;
                if (block > 0) {
                    product.put(rows, width, c, to, cRow, c, to, cRow, addend, last);
                } else {
                    long first = startOffset + (start == ZEROS ? 0 : (long) j * Float.BYTES);
                    product.put(rows, width, c, to, cRow, start, first, start == c ? cRow : 0, addend, last);
                }
            }
        }
    }

    /**
     * Multiplies packed rows with neighbouring panels, adds the start values and, after the last block of terms, a
     * residual, and clamps the sums. The first tile of rows is multiplied with two panels at a time if {@link
     * PairTile#isFaster} says so.
     */
    private void panels(
            int firstBlock,
            int lastBlock,
            int panel0,
            int columns,
            MemorySegment b,
            long bOffset,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment start,
            long startOffset,
            MemorySegment residual,
            Bounds bounds,
            GemmScratch scratch) {
        boolean paired = false;
        for (int j = 0; j < columns; j += COLUMNS) {
            long panel = bOffset + VectorPanels.offset(k, panel0 + j / COLUMNS, 0);
            int tile = paired ? 1 : 0;
            paired = !paired && PairTile.isFaster(rows, panelsExceedL2) && columns - j >= 2 * COLUMNS;
            if (paired) {
                for (int block = firstBlock; block < lastBlock; block++) {
                    long left = panel + VectorPanels.offset(k, 0, block * depth);
                    long right = left + VectorPanels.panelBytes(k);
                    float[] a = packedTile(scratch, block, 0);
                    PairTile.multiply(rows, a, b, left, right, terms(block), scratch.tile, scratch.second);
                    int first = Math.min(rows, PairTile.ROWS);
                    int next = j + COLUMNS;
                    addTile(
                            scratch.tile,
                            block,
                            0,
                            first,
                            j,
                            columns,
                            c,
                            cOffset,
                            cRow,
                            start,
                            startOffset,
                            residual,
                            bounds);
                    addTile(
                            scratch.second,
                            block,
                            0,
                            first,
                            next,
                            columns,
                            c,
                            cOffset,
                            cRow,
                            start,
                            startOffset,
                            residual,
                            bounds);
                }
                tile = 1;
            }
            for (int row = tile * GemmTile.ROWS; row < rows; tile++) {
                int height = GemmTile.height(rows - row);
                for (int block = firstBlock; block < lastBlock; block++) {
                    long from = panel + VectorPanels.offset(k, 0, block * depth);
                    NarrowTile.multiply(
                            columns - j, height, packedTile(scratch, block, tile), b, from, terms(block), scratch.tile);
                    addTile(
                            scratch.tile,
                            block,
                            row,
                            height,
                            j,
                            columns,
                            c,
                            cOffset,
                            cRow,
                            start,
                            startOffset,
                            residual,
                            bounds);
                }
                row += height;
            }
        }
    }

    /** The terms of a block. */
    private int terms(int block) {
        return Math.min(depth, k - block * depth);
    }

    /** The packed rows of a tile for a block of terms. */
    private float[] packedTile(GemmScratch scratch, int block, int tile) {
        return scratch.blocks[(wholeRows ? block * tiles() : 0) + tile];
    }

    /** Adds the product of a block of terms to the start values, or to the products of the blocks before it. */
    private void addTile(
            float[] product,
            int block,
            int row,
            int rows,
            int column,
            int columns,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment start,
            long startOffset,
            MemorySegment residual,
            Bounds bounds) {
        long to = cOffset + row * cRow + (long) column * Float.BYTES;
        int width = Math.min(COLUMNS, columns - column);
        MemorySegment addend = block == depthBlocks - 1 ? residual : null;
        Bounds last = block == depthBlocks - 1 ? bounds : null;
        if (block > 0) {
            GemmRows.put(product, rows, width, c, to, cRow, c, to, cRow, addend, last);
        } else {
            long startRow = start == c ? cRow : 0;
            long from = startOffset + row * startRow + (start == ZEROS ? 0 : (long) column * Float.BYTES);
            GemmRows.put(product, rows, width, c, to, cRow, start, from, startRow, addend, last);
        }
    }

    /** Packs rows, tile by tile, {@link GemmTile#ROW} elements apart. */
    private void packRows(
            MemorySegment a,
            long aOffset,
            long aRow,
            int row0,
            int rows,
            int k0,
            int terms,
            GemmScratch scratch,
            int first) {
        int tile = first;
        for (int row = 0; row < rows; tile++) {
            int height = GemmTile.height(rows - row);
            float[] to = scratch.block(tile);
            if (packer == null) {
                packRows(a, aOffset + (row0 + row) * aRow + (long) k0 * Float.BYTES, aRow, height, terms, to);
            } else {
                packer.packRows(a, row0 + row, height, k0, terms, to);
            }
            row += height;
        }
    }

    /** Copies rows, {@link GemmTile#ROW} elements apart. */
    private static void packRows(MemorySegment a, long offset, long aRow, int rows, int k, float[] to) {
        if (GemmWarmUps.COPY_ROWS.over()) {
            packVectors(a, offset, aRow, rows, k, to);
            return;
        }
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(a, SCALAR, offset + r * aRow, to, r * GemmTile.ROW, k);
        }
    }

    static void packVectors(MemorySegment a, long offset, long aRow, int rows, int k, float[] to) {
        a = NATIVE.cast(a);
        int whole = F32.loopBound(k);
        for (int r = 0; r < rows; r++) {
            long from = offset + r * aRow;
            int row = r * GemmTile.ROW;
            for (int i = 0; i < whole; i += LANES) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, a, from + (long) i * Float.BYTES, ORDER))
                        .intoArray(to, row + i);
            }
            for (int i = whole; i < k; i++) {
                to[row + i] = a.get(SCALAR, from + (long) i * Float.BYTES);
            }
        }
    }
}
