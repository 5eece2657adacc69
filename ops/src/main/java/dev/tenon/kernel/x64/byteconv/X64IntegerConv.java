package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastIntegerConvProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.OperandCheck;
import dev.tenon.kernel.x64.gemm.BlockProduct;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.TileArgument;
import dev.tenon.kernel.x64.gemm.TileBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Dense convolution of bytes with channels last whose zero points a call finds, into int32 or float32, as products of
 * {@link ByteRows} with packed weights. Padding is the byte of the zero point. Sums are exact, or wrap around. Scales, addends, a
 * residual and bounds are applied to sums in registers; what else an epilogue does, it does to finished blocks.
 *
 * <p>With z the zero point of the input, sums begin with -z times the sum of the column's weights. If something is left of the
 * weights' zero points, it is multiplied by the sum of each window's elements less z, and subtracted. Those sums are sums of
 * pixels, which are products with a column of -1.
 */
public final class X64IntegerConv implements Kernel {
    /** Panels of so many bytes are multiplied with all rows of a part before the next ones are read. */
    private static final long NEAR_BYTES = 1 << 18;

    /** The columns of the widest tile. */
    private static final int WIDE = 4 * BytePanels.COLUMNS;

    // Scratch memory: the block of arguments, the zero point, the sums of windows, those of a line of pixels, and those
    // of all
    // pixels; then copies.

    private static final long ZERO = ByteRows.aligned(TileArgument.BYTES);
    private static final long SUMS = ZERO + 64;

    private final ChannelsLastIntegerConvProblem p;
    private final Caches caches;
    private final ByteArithmetic arithmetic;
    private final ByteRows rows;
    private final BytePanels.Sizes sizes;
    private final BytePanels.Sizes pixelSizes;
    private final long weightBytes;
    private final BlockProduct product;
    private final BlockProduct lastProduct;

    /** The products that sum pixels; null if there is nothing to sum. */
    private final BlockProduct pixels;

    private final BlockProduct lastPixels;

    /** The columns that are multiplied with all rows of a part at a time. */
    private final int nearColumns;

    private final TileEpilogue epilogue;
    private final ScaledEpilogue scaled;

    private X64IntegerConv(ChannelsLastIntegerConvProblem p, Caches caches) {
        this.p = p;
        this.caches = caches;
        IntegerConvWeights weights = (IntegerConvWeights) p.layout();
        arithmetic = weights.arithmetic();
        // Sizes do not depend on where copies begin.
        ByteRows sizing = new ByteRows(p.shape(), arithmetic, p.signedX(), SUMS, 1);
        rows = weights.hasZeros()
                ? new ByteRows(p.shape(), arithmetic, p.signedX(), SUMS + sumBytes(sizing), 1)
                : sizing;
        sizes = weights.sizes(rows.terms(), p.outputChannels());
        pixelSizes = weights.pixelSizes(p.inputChannels());
        weightBytes = weights.byteSize(rows.terms(), p.inputChannels(), p.outputChannels());
        product = product(rows.productRows());
        int last = rows.lastProductRows();
        lastProduct = last == rows.productRows() ? product : product(last);
        pixels = weights.hasZeros() ? pixels(rows.isJoined() ? rows.productRows() : rows.linePixels()) : null;
        lastPixels = pixels == null || last == rows.productRows() ? pixels : pixels(last);
        nearColumns =
                (int) Math.max(1, caches.partOfL2(NEAR_BYTES) / (sizes.panel() * (WIDE / BytePanels.COLUMNS))) * WIDE;
        epilogue = TileEpilogue.withScratchAfter(p.y().epilogue(), rows.scratchEnd());
        scaled = epilogue instanceof ScaledEpilogue s ? s : null;
    }

    private BlockProduct product(int count) {
        return BlockProduct.ofBytes(arithmetic, p.signedX(), p.floatOutput(), count, p.outputChannels());
    }

    private BlockProduct pixels(int count) {
        return BlockProduct.ofBytes(arithmetic, p.signedX(), false, count, 1);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are packed as {@link IntegerConvWeights}
     * @param caches the caches of a core
     * @return the kernel
     */
    public static Kernel of(ChannelsLastIntegerConvProblem p, Caches caches) {
        return new X64IntegerConv(p, caches);
    }

    @Override
    public String id() {
        String id = "conv_i32_last_product_" + p.window().rows().kernel() + "x"
                + p.window().columns().kernel() + "_" + product.tile();
        return TileEpilogue.id(p.y().epilogue(), id);
    }

    @Override
    public int parts() {
        return rows.rowParts() * rows.columnParts();
    }

    @Override
    public long partNanos() {
        double columns = (double) Math.min(rows.partColumns(), p.outputChannels()) * p.groups();
        return 1 + (long) (rows.partRows() * columns * rows.terms() / arithmetic.productsPerNano());
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.y().epilogue(), rows.scratchEnd());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return scaled != null && scaled.rest() == null && input == scaled.residual();
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        boolean writesOnce = scaled == null ? epilogue == null : scaled.rest() == null && scaled.residual() < 0;
        return writesOnce ? new X64IntegerConv(p.withPixelStride(pitch), caches) : null;
    }

    private static long windowSumBytes(ByteRows rows) {
        return ByteRows.aligned(rows.partRows() * Integer.BYTES);
    }

    private static long lineSumBytes(ByteRows rows) {
        return rows.isJoined() ? 0 : ByteRows.aligned((long) rows.linePixels() * Integer.BYTES);
    }

    private static long sumBytes(ByteRows rows) {
        long pixelSums = rows.isJoined() ? 0 : (long) rows.pixelLines() * rows.linePixels() * Integer.BYTES;
        return windowSumBytes(rows) + lineSumBytes(rows) + ByteRows.aligned(pixelSums);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands, scratch);
        int zero = zero(operands);
        scratch.set(ValueLayout.JAVA_INT, ZERO, -(zero + arithmetic.added(p.signedX())));
        setProducts(operands, scratch);
        int prepared = -1;
        long first = 0;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / rows.columnParts();
                for (int group = 0; group < p.groups(); group++) {
                    if (rowPart != prepared || p.groups() > 1) {
                        first = rows.prepare(rowPart, group, operands[0], scratch, zero);
                        if (pixels != null) {
                            setPixels(operands, scratch);
                            sumWindows(rowPart, first, scratch);
                            setProducts(operands, scratch);
                        }
                    }
                    setGroup(group, operands, scratch);
                    multiply(rowPart, group, part % rows.columnParts() * rows.partColumns(), first, operands, scratch);
                }
                prepared = rowPart;
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    private int zero(MemorySegment[] operands) {
        if (p.xZero() < 0) {
            return 0;
        }
        byte zero = operands[p.xZero()].get(ValueLayout.JAVA_BYTE, 0);
        return p.signedX() ? zero : Byte.toUnsignedInt(zero);
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands, MemorySegment scratch) {
        OperandCheck.check(scratch, scratchBytes());
        OperandCheck.check(operands[0], p.inputBytes());
        OperandCheck.check(operands[p.w().operand()], weightBytes);
        OperandCheck.check(operands[p.y().operand()], p.results() * Float.BYTES);
        if (scaled != null) {
            checkGiven(operands, scaled.scale(), 1);
            checkGiven(operands, scaled.columnScales(), p.allOutputs());
            checkGiven(operands, scaled.columnAddends(), p.allOutputs());
            checkGiven(operands, scaled.residual(), p.results());
        }
    }

    private static void checkGiven(MemorySegment[] operands, int index, long elements) {
        if (index >= 0) {
            OperandCheck.check(operands[index], elements * Float.BYTES);
        }
    }

    /** Writes the arguments that all products share. */
    private void setProducts(MemorySegment[] operands, MemorySegment scratch) {
        TileBlock.clear(scratch);
        TileBlock.setTerms(scratch, rows.rows().segmentBytes() / Integer.BYTES);
        TileBlock.set(scratch, TileArgument.SEGMENTS, rows.rows().segments());
        TileBlock.set(
                scratch,
                TileArgument.SEGMENT_SKIP,
                rows.rows().segmentStep() - rows.rows().segmentBytes());
        TileBlock.set(scratch, TileArgument.A_ROW, rows.rows().rowStep());
        TileBlock.set(scratch, TileArgument.B_PANEL, sizes.panel());
        TileBlock.set(scratch, TileArgument.C_ROW, (long) p.pixelStride() * Float.BYTES);
        TileBlock.set(scratch, TileArgument.RESIDUAL_ROW, (long) p.pixelStride() * Float.BYTES);
        TileBlock.set(scratch, TileArgument.ROW_ZEROS, scratch.address() + ZERO);
        if (scaled != null) {
            if (scaled.scale() >= 0) {
                TileBlock.set(scratch, TileArgument.ROW_SCALES, operands[scaled.scale()].address());
            }
            Bounds bounds = scaled.bounds();
            if (bounds != null) {
                TileBlock.setBounds(scratch, bounds.min(), bounds.max());
            }
        }
    }

    /** Writes the arguments of products that sum pixels. */
    private void setPixels(MemorySegment[] operands, MemorySegment scratch) {
        long panel = operands[p.w().operand()].address() + p.groups() * sizes.all();
        TileBlock.clear(scratch);
        TileBlock.setTerms(scratch, Math.ceilDiv(p.inputChannels(), arithmetic.terms()));
        TileBlock.set(scratch, TileArgument.SEGMENTS, 1);
        TileBlock.set(scratch, TileArgument.A_ROW, rows.pixelStep());
        TileBlock.set(scratch, TileArgument.B, panel);
        TileBlock.set(scratch, TileArgument.B_PANEL, pixelSizes.panel());
        TileBlock.set(scratch, TileArgument.C_ROW, Integer.BYTES);
        TileBlock.set(scratch, TileArgument.ROW_ZEROS, scratch.address() + ZERO);
        TileBlock.set(scratch, TileArgument.COLUMN_SUMS, panel + pixelSizes.sums());
    }

    private void setGroup(int group, MemorySegment[] operands, MemorySegment scratch) {
        long panels = operands[p.w().operand()].address() + group * sizes.all();
        TileBlock.set(scratch, TileArgument.COLUMN_SUMS, panels + sizes.sums());
        if (pixels != null) {
            TileBlock.set(scratch, TileArgument.COLUMN_ZEROS, panels + sizes.zeros());
        }
        if (scaled != null) {
            long column = (long) group * p.outputChannels() * Float.BYTES;
            if (scaled.columnScales() >= 0) {
                long at = operands[scaled.columnScales()].address() + column;
                TileBlock.set(scratch, TileArgument.COLUMN_SCALES, at);
            }
            if (scaled.columnAddends() >= 0) {
                long at = operands[scaled.columnAddends()].address() + column;
                TileBlock.set(scratch, TileArgument.COLUMN_ADDENDS, at);
            }
        }
    }

    /** Writes the sums of the windows of a part, times -1, of which each element is less the zero point. */
    private void sumWindows(int rowPart, long first, MemorySegment scratch) {
        BlockProduct sums = rowPart == rows.rowParts() - 1 ? lastPixels : pixels;
        if (rows.isJoined()) {
            sum(sums, scratch, first, scratch.address() + SUMS);
            return;
        }
        long lineSums = SUMS + windowSumBytes(rows);
        long pixelSums = lineSums + lineSumBytes(rows);
        long lineBytes = (long) rows.linePixels() * Integer.BYTES;
        for (int i = 0; i < rows.pixelLines(rowPart); i++) {
            sum(sums, scratch, first + i * rows.pixelLineStep(), scratch.address() + pixelSums + i * lineBytes);
        }
        int stride = p.window().rows().stride();
        for (int i = 0; i < rows.products(rowPart); i++) {
            sumLines(scratch, pixelSums + (long) i * stride * lineBytes, lineSums);
            sumColumns(scratch, lineSums, SUMS + (long) i * rows.productRows() * Integer.BYTES);
        }
    }

    private static void sum(BlockProduct sums, MemorySegment block, long from, long to) {
        TileBlock.set(block, TileArgument.A, from);
        TileBlock.set(block, TileArgument.C, to);
        TileBlock.set(block, TileArgument.FIRST_COLUMN, 0L);
        sums.run(block, 1);
    }

    /** Adds lines of sums of pixels, those that a line of windows reads. */
    private void sumLines(MemorySegment scratch, long from, long to) {
        int width = rows.linePixels();
        long step = (long) p.window().rows().dilation() * width * Integer.BYTES;
        MemorySegment.copy(scratch, from, scratch, to, (long) width * Integer.BYTES);
        for (int r = 1; r < p.window().rows().kernel(); r++) {
            long line = from + r * step;
            for (int i = 0; i < width; i++) {
                long at = (long) i * Integer.BYTES;
                int sum = scratch.get(ValueLayout.JAVA_INT, to + at) + scratch.get(ValueLayout.JAVA_INT, line + at);
                scratch.set(ValueLayout.JAVA_INT, to + at, sum);
            }
        }
    }

    /** Adds the columns of a line of sums that each window reads. */
    private void sumColumns(MemorySegment scratch, long from, long to) {
        int kernel = p.window().columns().kernel();
        long dilation = (long) p.window().columns().dilation() * Integer.BYTES;
        long stride = (long) p.window().columns().stride() * Integer.BYTES;
        for (int j = 0; j < rows.productRows(); j++) {
            long at = from + j * stride;
            int sum = 0;
            for (int t = 0; t < kernel; t++) {
                sum += scratch.get(ValueLayout.JAVA_INT, at + t * dilation);
            }
            scratch.set(ValueLayout.JAVA_INT, to + (long) j * Integer.BYTES, sum);
        }
    }

    /** Multiplies the rows of a part with the columns of a part of a group. */
    private void multiply(
            int rowPart, int group, int firstColumn, long first, MemorySegment[] operands, MemorySegment scratch) {
        int end = Math.min(firstColumn + rows.partColumns(), p.outputChannels());
        boolean isLast = rowPart == rows.rowParts() - 1;
        int own = isLast ? rows.lastProductRows() : rows.productRows();
        BlockProduct rowProduct = isLast ? lastProduct : product;
        MemorySegment y = operands[p.y().operand()];
        TileEpilogue rest = scaled == null ? epilogue : scaled.rest();
        long panels = operands[p.w().operand()].address() + group * sizes.all();
        for (int column = firstColumn; column < end; column += nearColumns) {
            int columns = Math.min(nearColumns, end - column);
            for (int i = 0; i < rows.products(rowPart); i++) {
                long row = rows.firstRow(rowPart) + (long) i * rows.productRows();
                long result = (row * p.pixelStride() + (long) group * p.outputChannels() + column) * Float.BYTES;
                TileBlock.set(scratch, TileArgument.A, first + i * rows.productStep());
                TileBlock.set(scratch, TileArgument.B, panels + column / BytePanels.COLUMNS * sizes.panel());
                TileBlock.set(scratch, TileArgument.C, y.address() + result);
                TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Integer.BYTES);
                TileBlock.set(scratch, TileArgument.ROW_ZEROS, scratch.address() + ZERO);
                long sums = scratch.address() + SUMS + (long) i * rows.productRows() * Integer.BYTES;
                TileBlock.set(scratch, TileArgument.ROW_SUMS, sums);
                if (scaled != null && scaled.residual() >= 0) {
                    TileBlock.set(scratch, TileArgument.RESIDUAL, operands[scaled.residual()].address() + result);
                }
                rowProduct.run(scratch, columns);
                if (rest != null) {
                    rest.apply(y, result, own, columns, p.pixelStride(), operands, scratch);
                }
            }
        }
    }
}
