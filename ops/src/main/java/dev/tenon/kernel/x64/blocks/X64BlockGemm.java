package dev.tenon.kernel.x64.blocks;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.BlockGemmProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Products with weights of 4 or 8 bits in blocks, in machine code. A row's bits depend on its terms and the instruction set
 * alone. A run lays out the rows of a part once, for all panels.
 */
public final class X64BlockGemm implements Kernel {
    private static final int COLUMNS = BlockPanelLayout.COLUMNS;
    private static final int ALL = 0xFFFF;
    private static final int WIDE = 512;

    /** The vectors of a panel if they have 256 bits. */
    private static final int HALVES = 2;

    private static final BlockNumbersLayout ZEROS = BlockNumbersLayout.ZEROS;

    /** The most tiles of a part, below each other: few enough for a second-level cache. */
    private static final int BYTE_TILES = 8;

    private static final int FLOAT_TILES = 5;

    /** The most multiply-adds of a part, some hundred microseconds. */
    private static final long BYTE_WORK = 1 << 26;

    private static final long FLOAT_WORK = 1 << 24;

    /** The parts of a product with few rows, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /** The fewest multiply-adds of a part, some ten microseconds. */
    private static final long MIN_PART_WORK = 1 << 20;

    private final BlockGemmProblem p;
    private final PanelForm form;
    private final BlockArithmetic product;
    private final BlockNumbersLayout scales;
    private final int rowParts;
    private final double perNano;
    private final int partRows;
    private final int columnParts;
    private final int partPanels;
    private final Tiles tiles;
    private final Tiles lastTiles;
    private final TileEpilogue epilogue;
    private final String id;

    private X64BlockGemm(BlockGemmProblem p, boolean bytes, ByteArithmetic arithmetic) {
        this.p = p;
        form = (PanelForm) p.packing();
        product = product(form, bytes, arithmetic);
        scales = BlockNumbersLayout.scales(product.scaleBytes() == Short.BYTES);
        perNano = bytes ? arithmetic.productsPerNano() : Ratios.multiplyAddsPerNano(arithmetic.bits() / Float.SIZE);
        int rows = Math.max(1, p.m());
        int below = Math.ceilDiv(rows, product.maxRows());
        int height = Math.ceilDiv(rows, below);
        int wantedParts = Math.ceilDiv(below, bytes ? BYTE_TILES : FLOAT_TILES);
        partRows = Math.min(rows, Math.ceilDiv(below, wantedParts) * height);
        rowParts = Math.ceilDiv(rows, partRows);
        int panels = BlockPanelLayout.panels(p.n());
        long panelWork = (long) partRows * COLUMNS * Math.max(1, p.k());
        long most = Math.max(1, (bytes ? BYTE_WORK : FLOAT_WORK) / panelWork);
        long wanted = Math.max(1, Math.ceilDiv((long) panels * rowParts, TARGET_PARTS));
        long least = Math.max(1, MIN_PART_WORK / panelWork);
        long own = Math.min(most, Math.max(least, wanted));
        int together = BlockTileEmitter.MAX_PANELS;
        partPanels = (int) Math.min(Math.max(1, panels), Math.ceilDiv(own, together) * together);
        columnParts = Math.max(1, Math.ceilDiv(panels, partPanels));
        tiles = new Tiles(product, partRows, height);
        int lastRows = rows - partRows * (rowParts - 1);
        lastTiles = lastRows == partRows ? tiles : new Tiles(product, lastRows, height);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
        String operands = bytes ? "s8" : "f32";
        id = TileEpilogue.id(epilogue, id(operands, tiles.height, tiles.whole.panels, product));
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem of at least one term whose weights are packed in {@link BlockPanelLayout} or {@link FormatPanelLayout}
     * @param bytes whether rows of A are rounded to bytes
     * @param arithmetic how the machine multiplies bytes, whatever the weights
     * @return the kernel
     */
    public static Kernel of(BlockGemmProblem p, boolean bytes, ByteArithmetic arithmetic) {
        return new X64BlockGemm(p, bytes, arithmetic);
    }

    private static BlockArithmetic product(PanelForm form, boolean bytes, ByteArithmetic arithmetic) {
        boolean wide = arithmetic == ByteArithmetic.DOTS_512;
        boolean dots = wide || arithmetic == ByteArithmetic.DOTS_256;
        if (form instanceof FormatPanelLayout layout) {
            return bytes
                    ? new FormatBytes(layout, wide ? WIDE : WIDE / 2, dots)
                    : new FormatFloats(layout, arithmetic.bits());
        }
        BlockPanelLayout layout = (BlockPanelLayout) form;
        if (!bytes) {
            return new FloatBlocks(layout, arithmetic.bits());
        }
        return wide ? new ByteBlocks(layout) : new NarrowByteBlocks(layout, dots);
    }

    /** The rows of a part, in tiles of one height, the last of which may have fewer rows. */
    private static final class Tiles {
        private final int rows;
        private final int height;
        private final int rest;
        private final Tile whole;
        private final Tile last;

        Tiles(BlockArithmetic product, int rows, int height) {
            this.rows = rows;
            this.height = Math.min(rows, height);
            rest = rows % this.height;
            whole = new Tile(product, this.height);
            last = rest == 0 ? null : new Tile(product, rest);
        }
    }

    private static String id(String operands, int rows, int panels, BlockArithmetic product) {
        int columns = panels * product.bits() / Float.SIZE;
        return "block_gemm_" + operands + "_" + rows + "x" + columns + "_" + product.suffix();
    }

    /** The functions for tiles of some rows: for several panels, and for one. */
    private static final class Tile {
        private final int panels;
        private final NativeFunction several;
        private final NativeFunction single;

        Tile(BlockArithmetic product, int rows) {
            panels = product.panels(rows);
            single = function(product, rows, 1);
            several = panels == 1 ? single : function(product, rows, panels);
        }

        private static NativeFunction function(BlockArithmetic product, int rows, int panels) {
            return KernelCode.of(
                    id(product.operands(), rows, panels, product),
                    () -> new BlockTileEmitter(product, rows, panels).emit());
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return Math.multiplyExact(rowParts, columnParts);
    }

    @Override
    public long partNanos() {
        long columns = Math.min((long) partPanels * COLUMNS, p.n());
        double memory = columns * (double) p.k() * p.bits() / Byte.SIZE / 32;
        return (long) Math.max(memory, (double) partRows * columns * p.k() / perNano);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), kernelScratchBytes());
    }

    private long kernelScratchBytes() {
        return BlockArgument.BYTES + Math.max(tileBytes(tiles), tileBytes(lastTiles));
    }

    private long tileBytes(Tiles t) {
        return t.rows / t.height * product.tileBytes(t.height, p.k()) + product.tileBytes(t.rest, p.k());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (p.m() == 0 || p.n() == 0) {
            return;
        }
        checkSizes(operands, scratch);
        for (int at = 0; at < BlockArgument.BYTES; at += Long.BYTES) {
            scratch.set(ValueLayout.JAVA_LONG, at, 0);
        }
        product.writeConstants(scratch);
        boolean together = form.scalesAt(p.k()) >= 0;
        BlockArgument.B_PANEL.set(scratch, form.panelBytes(p.k()));
        BlockArgument.SCALES_PANEL.set(scratch, together ? form.panelBytes(p.k()) : scales.panelBytes(p.blocks()));
        BlockArgument.ZEROS_PANEL.set(scratch, together ? form.panelBytes(p.k()) : ZEROS.panelBytes(p.blocks()));
        BlockArgument.C_ROW.set(scratch, (long) p.n() * Float.BYTES);
        BlockArgument.BLOCKS.set(scratch, p.blocks());
        BlockArgument.TURNS.set(scratch, product.turns());
        int prepared = -1;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / columnParts;
                Tiles t = rowPart == rowParts - 1 ? lastTiles : tiles;
                if (rowPart != prepared) {
                    layOut(operands[0], rowPart * partRows, t, scratch);
                    prepared = rowPart;
                }
                int panel = part % columnParts * partPanels;
                run(t, rowPart * partRows, panel, operands, scratch);
                if (epilogue != null) {
                    int columns = Math.min(partPanels * COLUMNS, p.n() - panel * COLUMNS);
                    long result = ((long) rowPart * partRows * p.n() + panel * (long) COLUMNS) * Float.BYTES;
                    epilogue.apply(operands[p.yOperand()], result, t.rows, columns, p.n(), operands, scratch);
                }
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands, MemorySegment scratch) {
        check(operands[0], (long) p.m() * p.k() * Float.BYTES);
        check(operands[1], form.byteSize(p.n(), p.k()));
        check(operands[p.yOperand()], (long) p.m() * p.n() * Float.BYTES);
        check(scratch, scratchBytes());
        if (form.scalesAt(p.k()) < 0) {
            check(operands[2], scales.byteSize(p.n(), p.blocks()));
            if (product.hasZeros()) {
                check(operands[BlockGemmProblem.ZEROS], ZEROS.byteSize(p.n(), p.blocks()));
            }
        }
        if (p.bias() >= 0) {
            check(operands[p.bias()], (long) p.n() * Float.BYTES);
        }
    }

    private static void check(MemorySegment segment, long size) {
        Objects.checkFromIndexSize(0, size, segment.byteSize());
    }

    private void layOut(MemorySegment a, int row, Tiles t, MemorySegment scratch) {
        long to = BlockArgument.BYTES;
        for (int r = 0; r < t.rows; r += t.height) {
            int own = Math.min(t.height, t.rows - r);
            product.layOut(a, ((long) row + r) * p.k() * Float.BYTES, own, p.k(), scratch, to);
            to += product.tileBytes(own, p.k());
        }
    }

    /** Computes some panels of some rows. */
    private void run(Tiles t, int row, int panel, MemorySegment[] operands, MemorySegment scratch) {
        int wholeTiles = t.rows / t.height;
        long tile = scratch.address() + BlockArgument.BYTES;
        BlockArgument.TILES.set(scratch, wholeTiles);
        run(t.whole, tile, row, panel, operands, scratch);
        if (t.rest > 0) {
            BlockArgument.TILES.set(scratch, 1);
            long last = tile + wholeTiles * product.tileBytes(t.height, p.k());
            run(t.last, last, row + t.rows - t.rest, panel, operands, scratch);
        }
    }

    private void run(Tile t, long tile, int row, int panel, MemorySegment[] operands, MemorySegment scratch) {
        int end = Math.min(panel + partPanels, BlockPanelLayout.panels(p.n()));
        if (product.bits() != WIDE) {
            narrow(t, tile, row, panel * HALVES, end * HALVES, operands, scratch);
            return;
        }
        int lastColumns = Math.min(COLUMNS, p.n() - (end - 1) * COLUMNS);
        int wholePanels = lastColumns == COLUMNS ? end - panel : end - panel - 1;
        int together = t.panels == 1 ? 0 : wholePanels / t.panels * t.panels;
        if (together > 0) {
            set(scratch, tile, row, panel * HALVES, operands);
            BlockArgument.PANELS.set(scratch, together / t.panels);
            BlockArgument.LAST_MASK.set(scratch, ALL);
            t.several.call(scratch.address());
        }
        if (panel + together < end) {
            set(scratch, tile, row, (panel + together) * HALVES, operands);
            BlockArgument.PANELS.set(scratch, end - panel - together);
            BlockArgument.LAST_MASK.set(scratch, (1 << lastColumns) - 1);
            t.single.call(scratch.address());
        }
    }

    /** Computes halves of panels, one after the other; whole panels at once, if the tile has several vectors. */
    private void narrow(
            Tile t, long tile, int row, int from, int end, MemorySegment[] operands, MemorySegment scratch) {
        int lanes = COLUMNS / HALVES;
        int done = from;
        if (t.panels > 1) {
            int whole = Math.min(end, p.n() / COLUMNS * HALVES) - from;
            if (whole >= t.panels) {
                set(scratch, tile, row, from, operands);
                BlockArgument.PANELS.set(scratch, whole / t.panels);
                BlockArgument.setLastVector(scratch, lanes);
                t.several.call(scratch.address());
                done += whole / t.panels * t.panels;
            }
        }
        BlockArgument.PANELS.set(scratch, 1);
        for (int half = done; half < end && half * lanes < p.n(); half++) {
            set(scratch, tile, row, half, operands);
            BlockArgument.setLastVector(scratch, Math.min(lanes, p.n() - half * lanes));
            t.single.call(scratch.address());
        }
    }

    /** Sets the scales and zero points of a half of a panel. */
    private void setNumbers(MemorySegment scratch, long panel, long lanes, MemorySegment[] operands) {
        long first = panel * BlockArgument.SCALES_PANEL.get(scratch) + lanes * product.scaleBytes();
        BlockArgument.SCALES.set(scratch, operands[2].address() + first);
        if (product.hasZeros()) {
            long zeros = operands[BlockGemmProblem.ZEROS].address();
            BlockArgument.ZEROS.set(scratch, zeros + panel * BlockArgument.ZEROS_PANEL.get(scratch) + lanes);
        }
    }

    /** Sets what a half of a panel needs. */
    private void set(MemorySegment scratch, long tile, int row, int half, MemorySegment[] operands) {
        long panel = half / HALVES;
        long lanes = half % HALVES * (long) COLUMNS / HALVES;
        long column = panel * COLUMNS + lanes;
        BlockArgument.A.set(scratch, tile);
        long weights = operands[1].address() + panel * BlockArgument.B_PANEL.get(scratch);
        BlockArgument.B.set(scratch, weights + lanes * BlockPanelLayout.STEP);
        if (form.scalesAt(p.k()) >= 0) {
            BlockArgument.SCALES.set(scratch, weights + form.scalesAt(p.k()) + lanes * product.scaleBytes());
            BlockArgument.ZEROS.set(scratch, weights + form.subScalesAt(p.k()) + lanes);
        } else {
            setNumbers(scratch, panel, lanes, operands);
        }
        if (p.bias() >= 0) {
            BlockArgument.BIAS.set(scratch, operands[p.bias()].address() + column * Float.BYTES);
        }
        long result = ((long) row * p.n() + column) * Float.BYTES;
        BlockArgument.C.set(scratch, operands[p.yOperand()].address() + result);
    }
}
