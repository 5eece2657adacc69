package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.OperandCheck;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntFunction;

/**
 * Products of bytes with a packed right operand, in machine code, with every bit of the exact sums. Scales, addends, a residual
 * and bounds are applied to sums in registers; what else an epilogue does, it does to finished blocks.
 */
public final class X64IntegerGemm implements Kernel {
    /** Bytes after widened rows that code may read. */
    private static final int SLACK = 64;

    /** The multiply-adds of a part. */
    private static final long PART_WORK = 1 << 25;

    private static final int LEAST_AMX_ROWS = 8;
    private static final int LEAST_AMX_TERMS = 128;

    /** How many times as fast tile registers are. */
    private static final int AMX_SPEED = 4;

    private final IntegerGemmProblem p;
    private final ByteArithmetic arithmetic;
    private final BytePanels.Sizes sizes;

    /** Widens the rows of a part, which has them in scratch memory then; null if bytes are multiplied. */
    private final Widening widening;

    private final boolean hasColumnZeros;
    private final boolean padsRows;
    private final TilePartition partition;
    private final int partRows;
    private final PanelProduct block;
    private final PanelProduct lastBlock;

    /** The number that code adds to elements of rows. */
    private final int added;

    private final int speed;
    private final TileEpilogue epilogue;
    private final ScaledEpilogue scaled;

    private X64IntegerGemm(
            IntegerGemmProblem p, ByteArithmetic best, boolean tileRegisters, IntFunction<PanelProduct> blocks) {
        this.p = p;
        BytePanels panels = (BytePanels) p.packing();
        arithmetic = panels.arithmetic(best);
        sizes = panels.sizes(p.k(), p.n());
        hasColumnZeros = panels.hasZeroPoints();
        widening = arithmetic.widens() ? Widening.of(p.signedA()) : null;
        padsRows = widening == null && p.k() % arithmetic.terms() != 0;
        added = tileRegisters ? 0 : arithmetic.added(p.signedA());
        speed = tileRegisters ? AMX_SPEED : 1;
        partition = tileRegisters
                ? TilePartition.ofTileRegisters(p.m(), p.n(), p.k(), PART_WORK * speed)
                : TilePartition.of(1, p.m(), p.n(), p.k(), TilePartition.PART_ROWS, 2 * BytePanels.COLUMNS, PART_WORK);
        partRows = partition.partRows();
        block = blocks.apply(partRows);
        int lastRows = partition.rows(partition.rowParts() - 1, p.m());
        lastBlock = lastRows == partRows ? block : blocks.apply(lastRows);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
        scaled = epilogue instanceof ScaledEpilogue s ? s : null;
    }

    static TileEnds ends(IntegerGemmProblem p) {
        return new IntegerEnds(p.floatOutput() ? IntegerEnds.Result.FLOAT32 : IntegerEnds.Result.INT32);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem whose right operand is packed in {@link BytePanels} that an arithmetic of the machine reads
     * @param best the arithmetic of the machine that takes all weights
     * @return the kernel
     */
    public static Kernel of(IntegerGemmProblem p, ByteArithmetic best) {
        ByteArithmetic own = ((BytePanels) p.packing()).arithmetic(best);
        TileProduct product = own.product(p.signedA());
        return new X64IntegerGemm(p, best, false, rows -> new BlockProduct(product, ends(p), own.panelVectors(), rows));
    }

    /**
     * The kernel of a problem in the tile registers of AMX.
     *
     * @param p a problem for which {@link #refuseTileRegisters} gives no reason
     * @return the kernel
     */
    public static Kernel ofTileRegisters(IntegerGemmProblem p) {
        AmxProduct product = p.signedA() ? AmxProduct.S8S8 : AmxProduct.U8S8;
        return ofTileRegisters(p, rows -> new AmxBlock(product, ends(p), rows));
    }

    /** The kernel of a problem, with products that add nothing to signed bytes of A. */
    static Kernel ofTileRegisters(IntegerGemmProblem p, IntFunction<PanelProduct> blocks) {
        return new X64IntegerGemm(p, ByteArithmetic.DOTS_512, true, blocks);
    }

    /**
     * Why tile registers can't multiply a packed matrix.
     *
     * @param packing its layout
     * @return the reason, or null
     */
    public static String refuseTileRegisters(Layout packing) {
        return packing instanceof BytePanelLayout ? null : "the right operand is packed for vectors";
    }

    /**
     * Why tile registers would not be faster than vectors.
     *
     * @param m the rows of a product
     * @param k its terms
     * @return the reason, or null
     */
    public static String refuseTileRegisters(long m, long k) {
        return m >= LEAST_AMX_ROWS && k >= LEAST_AMX_TERMS
                ? null
                : "fewer than " + LEAST_AMX_ROWS + " rows or " + LEAST_AMX_TERMS + " terms";
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), block.id());
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return (long) ((double) partRows
                * Math.min(partition.partColumns(), p.n())
                * p.k()
                / (arithmetic.productsPerNano() * speed));
    }

    private int steps() {
        return Math.ceilDiv(p.k(), arithmetic.terms());
    }

    /**
     * Bytes from a row of A to the next. The last step of a widened row may have an element of the next row, which is multiplied
     * with padding of B.
     */
    private long rowBytes() {
        return widening == null ? (long) steps() * Integer.BYTES : (long) p.k() * Short.BYTES;
    }

    // Scratch memory: the block of arguments, zero points of the rows, their sums, rows with padding.

    private static long aligned(long bytes) {
        return (bytes + 63) & -64;
    }

    private long sumsOffset() {
        return TileArgument.BYTES + aligned((long) partRows * Integer.BYTES);
    }

    private long rowsOffset() {
        return sumsOffset() + aligned((long) partRows * Integer.BYTES);
    }

    private long kernelScratchBytes() {
        return rowsOffset() + (isCopied() ? aligned(partRows * rowBytes() + SLACK) : 0);
    }

    /** Whether the rows of a part are in scratch memory. */
    private boolean isCopied() {
        return padsRows || widening != null;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), kernelScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (p.m() == 0 || p.n() == 0) {
            return;
        }
        checkSizes(operands);
        TileBlock.clear(scratch);
        setCommon(operands, scratch);
        int prepared = -1;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / partition.columnParts();
                if (rowPart != prepared) {
                    prepareRows(operands, scratch, rowPart * partRows);
                    prepared = rowPart;
                }
                run(rowPart, part % partition.columnParts(), operands, scratch);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        long results = (long) p.m() * p.n() * Integer.BYTES;
        check(operands[0], (long) p.m() * p.k());
        check(operands[1], sizes.all());
        check(operands[p.yOperand()], results);
        if (scaled != null) {
            checkGiven(operands, scaled.scale(), Float.BYTES);
            checkGiven(operands, scaled.columnScales(), (long) p.n() * Float.BYTES);
            checkGiven(operands, scaled.columnAddends(), (long) p.n() * Float.BYTES);
            checkGiven(operands, scaled.residual(), results);
        }
    }

    private static void checkGiven(MemorySegment[] operands, int index, long bytes) {
        if (index >= 0) {
            check(operands[index], bytes);
        }
    }

    private static void check(MemorySegment segment, long bytes) {
        OperandCheck.check(segment, bytes);
    }

    private static void setAddress(
            MemorySegment block, TileArgument argument, MemorySegment[] operands, int index, long offset) {
        if (index >= 0) {
            TileBlock.set(block, argument, operands[index].address() + offset);
        }
    }

    private void setCommon(MemorySegment[] operands, MemorySegment block) {
        int steps = steps();
        TileBlock.set(block, TileArgument.A_ROW, rowBytes());
        TileBlock.set(block, TileArgument.B_PANEL, sizes.panel());
        TileBlock.set(block, TileArgument.C_ROW, (long) p.n() * Integer.BYTES);
        TileBlock.set(block, TileArgument.RESIDUAL_ROW, (long) p.n() * Float.BYTES);
        TileBlock.setTerms(block, steps);
        TileBlock.set(block, TileArgument.SEGMENTS, 1);
        long b = operands[1].address();
        TileBlock.set(block, TileArgument.COLUMN_SUMS, b + sizes.sums());
        TileBlock.set(block, TileArgument.ROW_ZERO_STEP, p.aZeroPerRow() ? Integer.BYTES : 0);
        if (hasColumnZeros) {
            TileBlock.set(block, TileArgument.COLUMN_ZEROS, b + sizes.zeros());
        }
        if (scaled == null) {
            return;
        }
        setAddress(block, TileArgument.ROW_SCALES, operands, scaled.scale(), 0);
        setAddress(block, TileArgument.COLUMN_SCALES, operands, scaled.columnScales(), 0);
        setAddress(block, TileArgument.COLUMN_ADDENDS, operands, scaled.columnAddends(), 0);
        Bounds bounds = scaled.bounds();
        if (bounds != null) {
            TileBlock.setBounds(block, bounds.min(), bounds.max());
        }
    }

    private int zeroPoint(MemorySegment[] operands, long row) {
        if (p.aZeroPoint() < 0) {
            return 0;
        }
        byte zero = operands[p.aZeroPoint()].get(ValueLayout.JAVA_BYTE, p.aZeroPerRow() ? row : 0);
        return p.signedA() ? zero : zero & 0xFF;
    }

    /** Writes the zero points of rows and their sums, and rows with padding, where the code needs them. */
    private void prepareRows(MemorySegment[] operands, MemorySegment scratch, int row) {
        int rows = Math.min(partRows, p.m() - row);
        if (widening != null) {
            widen(operands[0], scratch, row);
        }
        for (int r = 0; r < rows; r++) {
            int zero = zeroPoint(operands, row + r);
            long at = (long) r * Integer.BYTES;
            scratch.set(ValueLayout.JAVA_INT, TileArgument.BYTES + at, -(zero + added));
            if (hasColumnZeros) {
                int sum = sum(operands[0], (long) (row + r) * p.k());
                scratch.set(ValueLayout.JAVA_INT, sumsOffset() + at, p.k() * zero - sum);
            }
            if (padsRows) {
                long to = rowsOffset() + r * rowBytes();
                MemorySegment.copy(operands[0], (long) (row + r) * p.k(), scratch, to, p.k());
                for (long i = p.k(); i < rowBytes(); i++) {
                    scratch.set(ValueLayout.JAVA_BYTE, to + i, (byte) 0);
                }
            }
        }
    }

    /** Widens rows, whose bytes are neighbours. */
    private void widen(MemorySegment a, MemorySegment scratch, int row) {
        long count = (long) Math.min(partRows, p.m() - row) * p.k();
        widening.run(a, (long) row * p.k(), scratch, rowsOffset(), count);
    }

    private int sum(MemorySegment a, long at) {
        int sum = 0;
        for (long i = at; i < at + p.k(); i++) {
            byte value = a.get(ValueLayout.JAVA_BYTE, i);
            sum += p.signedA() ? value : value & 0xFF;
        }
        return sum;
    }

    private void run(int rowPart, int columnPart, MemorySegment[] operands, MemorySegment scratch) {
        int row = rowPart * partRows;
        int column = columnPart * partition.partColumns();
        int columns = partition.columns(columnPart, p.n());
        long result = ((long) row * p.n() + column) * Integer.BYTES;
        long left = isCopied() ? scratch.address() + rowsOffset() : operands[0].address() + (long) row * p.k();
        long panels = column / BytePanels.COLUMNS * sizes.panel();
        MemorySegment y = operands[p.yOperand()];
        TileBlock.set(scratch, TileArgument.A, left);
        TileBlock.set(scratch, TileArgument.B, operands[1].address() + panels);
        TileBlock.set(scratch, TileArgument.C, y.address() + result);
        TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Integer.BYTES);
        TileBlock.set(scratch, TileArgument.ROW_ZEROS, scratch.address() + TileArgument.BYTES);
        TileBlock.set(scratch, TileArgument.ROW_SUMS, scratch.address() + sumsOffset());
        setAddress(scratch, TileArgument.RESIDUAL, operands, scaled == null ? -1 : scaled.residual(), result);
        (rowPart == partition.rowParts() - 1 ? lastBlock : block).run(scratch, columns);
        TileEpilogue rest = scaled == null ? epilogue : scaled.rest();
        if (rest != null) {
            int rows = partition.rows(rowPart, p.m());
            rest.apply(y, result, rows, columns, p.n(), operands, scratch);
        }
    }
}
