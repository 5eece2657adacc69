package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.gemm.BlockProduct;
import dev.tenon.kernel.x64.gemm.TileArgument;
import dev.tenon.kernel.x64.gemm.TileBlock;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Channels-last convolution of float32 images in machine code, as the product of windows, {@code [windows, terms]}, and
 * weights, {@code [terms, outputs]}, which are packed in panels of float32, float16 or bfloat16. An element is one chain of fused
 * multiply-adds that begins with the bias. A residual and bounds are applied to sums in registers; an epilogue works on finished
 * blocks. A weight that is not finite turns padding into NaN.
 */
public final class X64ChannelsLastConv implements Kernel {
    private static final int PANEL_VECTORS = 2;

    /** The most multiply-adds of a part, some hundred microseconds. */
    private static final long PART_WORK = 1 << 23;

    /** The parts of a small image, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /** The fewest multiply-adds of a part, some ten microseconds. */
    private static final long MIN_PART_WORK = 1 << 20;

    /** Panels of so many bytes are multiplied with all rows of a part before the next ones are read. */
    private static final long NEAR_BYTES = 1 << 18;

    private final ChannelsLastConvProblem problem;
    private final int bits;
    private final Caches caches;
    private final long nearBytes;
    private final ConvProblem p;

    /** The element type of the weights. */
    private final DType numbers;

    private final WindowRows rows;
    private final int panelColumns;
    private final int columnParts;
    private final int partColumns;

    /** The columns that are multiplied with all rows of a part at a time. */
    private final int nearColumns;

    private final int windows;
    private final BlockProduct block;
    private final BlockProduct lastBlock;
    private final TileEpilogue epilogue;

    /** The factors, addends, residual and bounds with which the epilogue begins; null if it does not begin so. */
    private final ScaledEpilogue scaled;

    /** The operand that is added to the results, or -1. */
    private final int residual;

    private X64ChannelsLastConv(ChannelsLastConvProblem problem, int bits, Caches caches) {
        this.problem = problem;
        this.bits = bits;
        this.caches = caches;
        nearBytes = caches.partOfL2(NEAR_BYTES);
        p = problem.conv();
        numbers = problem.weights().numbers();
        int lanes = bits / Float.SIZE;
        panelColumns = PANEL_VECTORS * lanes;
        rows = WindowRows.of(p, BlockProduct.maxFloatRows(bits), lanes, caches);
        windows = rows.runWindows(0);
        int panels = Math.ceilDiv(p.outputChannels(), panelColumns);
        long panelWork = (long) rows.runs(0) * windows * panelColumns * p.terms();
        long most = Math.max(1, PART_WORK / panelWork);
        long wanted = Math.max(1, Math.ceilDiv((long) panels * rows.parts(), TARGET_PARTS));
        long least = Math.max(1, MIN_PART_WORK / panelWork);
        int partPanels = (int) Math.min(panels, Math.min(most, Math.max(least, wanted)));
        columnParts = Math.ceilDiv(panels, partPanels);
        partColumns = Math.ceilDiv(panels, columnParts) * panelColumns;
        nearColumns = Math.clamp(nearBytes / panelBytes(), 1, panels) * panelColumns;
        scaled = TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes()) instanceof ScaledEpilogue e ? e : null;
        epilogue = scaled == null ? TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes()) : scaled.rest();
        residual = scaled == null ? problem.residual() : scaled.residual();
        block = block(windows);
        int lastWindows = rows.runWindows(rows.parts() - 1);
        lastBlock = lastWindows == windows ? block : block(lastWindows);
    }

    private BlockProduct block(int count) {
        return scaled == null
                ? BlockProduct.ofFloats(bits, numbers, count)
                : BlockProduct.ofScaledFloats(bits, numbers, count);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group, weights in panels of two vectors
     * @param bits the width of vectors: 256 or 512
     * @param caches the caches of a core
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, int bits, Caches caches) {
        return new X64ChannelsLastConv(p, bits, caches);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_last_gemm_x64_" + block.tile());
    }

    @Override
    public int parts() {
        return Math.multiplyExact(rows.parts(), columnParts);
    }

    @Override
    public long partNanos() {
        double work = (double) rows.runs(0) * windows * Math.min(partColumns, p.outputChannels()) * p.terms();
        return 1 + (long) (work / Ratios.multiplyAddsPerNano(bits / Float.SIZE));
    }

    private long ownScratchBytes() {
        return TileArgument.BYTES + rows.copyBytes();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), ownScratchBytes());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return epilogue == null && input == residual;
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, 1);
        return part == null ? null : new X64ChannelsLastConv(part, bits, caches);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands);
        TileBlock.clear(scratch);
        setCommon(operands, scratch);
        int prepared = -1;
        long first = 0;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / columnParts;
                if (rowPart != prepared) {
                    first = rows.prepare(rowPart, operands[0], scratch, TileArgument.BYTES);
                    prepared = rowPart;
                }
                multiply(rowPart, part % columnParts * partColumns, first, operands, scratch);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        long results = (p.instances() * p.window().windows() - 1) * problem.pixelStride() + p.outputChannels();
        check(operands[0], p.instances() * p.window().pixels() * p.inputChannels());
        Objects.checkFromIndexSize(
                0, Math.ceilDiv(p.outputChannels(), panelColumns) * panelBytes(), operands[1].byteSize());
        check(operands[p.output()], results);
        if (p.bias() >= 0) {
            check(operands[p.bias()], p.outputChannels());
        }
        if (residual >= 0) {
            check(operands[residual], results);
        }
        if (scaled != null) {
            checkGiven(operands, scaled.scale(), 1);
            checkGiven(operands, scaled.columnScales(), p.outputChannels());
            checkGiven(operands, scaled.columnAddends(), p.outputChannels());
        }
    }

    private static void checkGiven(MemorySegment[] operands, int index, long elements) {
        if (index >= 0) {
            check(operands[index], elements);
        }
    }

    private static void check(MemorySegment segment, long elements) {
        Objects.checkFromIndexSize(0, elements * Float.BYTES, segment.byteSize());
    }

    private long panelBytes() {
        return numbers.byteSize(p.terms() * panelColumns);
    }

    private void setCommon(MemorySegment[] operands, MemorySegment argumentBlock) {
        long resultRow = (long) problem.pixelStride() * Float.BYTES;
        TileBlock.set(argumentBlock, TileArgument.A_ROW, rows.rowStep());
        TileBlock.set(argumentBlock, TileArgument.B_PANEL, panelBytes());
        TileBlock.set(argumentBlock, TileArgument.C_ROW, resultRow);
        TileBlock.set(argumentBlock, TileArgument.RESIDUAL_ROW, resultRow);
        TileBlock.setTerms(argumentBlock, rows.segmentTerms());
        TileBlock.set(argumentBlock, TileArgument.SEGMENTS, rows.segments());
        TileBlock.set(argumentBlock, TileArgument.SEGMENT_SKIP, rows.segmentSkip());
        if (p.bias() >= 0) {
            TileBlock.set(argumentBlock, TileArgument.BIAS, operands[p.bias()].address());
        }
        if (problem.isBounded()) {
            TileBlock.setBounds(argumentBlock, problem.lower(), problem.upper());
        }
        if (scaled == null) {
            return;
        }
        float factor = scaled.scale() < 0 ? 1 : operands[scaled.scale()].get(ValueLayout.JAVA_FLOAT, 0);
        TileBlock.set(argumentBlock, TileArgument.OWN_FACTOR, factor);
        if (scaled.columnScales() >= 0) {
            TileBlock.set(argumentBlock, TileArgument.COLUMN_SCALES, operands[scaled.columnScales()].address());
        }
        if (scaled.columnAddends() >= 0) {
            TileBlock.set(argumentBlock, TileArgument.COLUMN_ADDENDS, operands[scaled.columnAddends()].address());
        }
        if (scaled.bounds() != null) {
            TileBlock.setBounds(
                    argumentBlock, scaled.bounds().min(), scaled.bounds().max());
        }
    }

    /** Multiplies the rows of a part with the columns of a part. */
    private void multiply(
            int rowPart, int firstColumn, long firstRow, MemorySegment[] operands, MemorySegment scratch) {
        int endColumn = Math.min(firstColumn + partColumns, p.outputChannels());
        int own = rows.runWindows(rowPart);
        int runs = rows.runs(rowPart);
        BlockProduct product = own == windows ? block : lastBlock;
        for (int column = firstColumn; column < endColumn; column += nearColumns) {
            int columns = Math.min(nearColumns, endColumn - column);
            for (int run = 0; run < runs; run++) {
                long row = rows.firstWindow(rowPart) + (long) run * own;
                long result = (row * problem.pixelStride() + column) * Float.BYTES;
                TileBlock.set(scratch, TileArgument.A, firstRow + run * rows.runStep());
                long panel = column / panelColumns * panelBytes();
                TileBlock.set(scratch, TileArgument.B, operands[1].address() + panel);
                TileBlock.set(scratch, TileArgument.C, operands[p.output()].address() + result);
                TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Float.BYTES);
                if (residual >= 0) {
                    long addend = operands[residual].address() + result;
                    TileBlock.set(scratch, TileArgument.RESIDUAL, addend);
                }
                if (numbers.byteSize(p.terms() * p.outputChannels()) > nearBytes) {
                    long ahead = panel + Math.ceilDiv(columns, panelColumns) * panelBytes() * (runs + run) / runs;
                    product.prefetch(scratch, operands[1].address() + ahead, runs);
                }
                product.run(scratch, columns);
                if (epilogue != null) {
                    MemorySegment y = operands[p.output()];
                    epilogue.apply(y, result, own, columns, problem.pixelStride(), operands, scratch);
                }
            }
        }
    }
}
