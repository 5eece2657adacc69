package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.kernel.x64.gemm.Widening;
import java.lang.foreign.MemorySegment;

/**
 * The rows that the products of a dense convolution of bytes multiply, and how the work is split. A window is a segment of
 * neighbouring bytes for each of its rows. Windows are read where they are, if nothing has to be padded; else lines are copied
 * into scratch memory first, with padding. If products are those of 16-bit numbers, rows are widened into scratch memory, from
 * wherever they are.
 *
 * <p>If a window is one pixel and the next window is the next pixel, all pixels are rows of one product. Otherwise each line
 * of the output is a product, and a part has some lines. Addresses are raw: the caller keeps memory reachable. Immutable and
 * thread-safe.
 */
final class ByteRows {
    /** Bytes after a copy that code may read. */
    private static final int SLACK = 64;

    private static final int MIN_ROWS = 256;
    private static final int MAX_ROW_BYTES = 1 << 17;
    private static final long PART_WORK = 1 << 22;

    /** The rows of a tile of tile registers. */
    private static final int AMX_ROWS = 32;

    private static final long MAX_COPY = 1 << 17;

    private final ConvShape p;
    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final int terms;
    private final long offset;

    /** Widens the rows of a part; null if bytes are multiplied. */
    private final Widening widening;

    /** The bytes of an element of a row that is multiplied. */
    private final int elementBytes;

    private final RequantizedRows.Rows rows;

    /** The copy of lines; null if windows are read where they are. */
    private final PaddedByteLines copy;

    /** The rows of all products, of a product, and the products of a part. */
    private final long allRows;

    private final int productRows;
    private final int partProducts;
    private final int rowParts;
    private final int partColumns;
    private final int columnParts;

    /**
     * The rows of a convolution.
     *
     * @param p its shape
     * @param arithmetic how bytes are multiplied
     * @param signedX whether the input is signed
     * @param offset where copies begin in scratch memory, a multiple of 64
     * @param speed how many times as fast as vectors products are
     */
    ByteRows(ConvShape p, ByteArithmetic arithmetic, boolean signedX, long offset, int speed) {
        this.p = p;
        this.offset = offset;
        down = p.window().rows();
        across = p.window().columns();
        widening = arithmetic.widens() ? Widening.of(signedX) : null;
        elementBytes = widening == null ? 1 : Short.BYTES;
        int segment = segmentTerms(arithmetic, across.kernel(), p.inputChannels());
        terms = down.kernel() * segment;
        copy = isReadInPlace(p, arithmetic) ? null : new PaddedByteLines(p, offset);
        long line = copy == null ? (long) across.input() * p.inputChannels() : copy.lineBytes(across.output());
        rows = new RequantizedRows.Rows(
                segment * elementBytes,
                down.kernel(),
                line * down.dilation() * elementBytes,
                (long) across.stride() * p.inputChannels() * elementBytes);
        allRows = p.instances() * p.window().windows();
        long rowWork = (long) terms * p.outputChannels();
        long mostWork = PART_WORK * speed;
        if (isJoined()) {
            long most = Math.max(1, MAX_ROW_BYTES / Math.max(1, terms * elementBytes));
            long wanted = Math.clamp(mostWork / Math.max(1, rowWork), 1, most);
            int products = Math.ceilDiv((int) allRows, (int) Math.max(MIN_ROWS, wanted));
            int even = Math.ceilDiv((int) allRows, products);
            productRows = products == 1 || speed == 1 ? even : Math.ceilDiv(even, AMX_ROWS) * AMX_ROWS;
            partProducts = 1;
        } else {
            productRows = across.output();
            long lines = Math.clamp(mostWork / Math.max(1, rowWork * productRows), 1, down.output());
            partProducts = copy == null && widening == null ? (int) lines : copiedLines((int) lines);
        }
        rowParts = isJoined()
                ? Math.ceilDiv((int) allRows, productRows)
                : p.instances() * Math.ceilDiv(down.output(), partProducts);
        long groupsOfColumns = Math.ceilDiv(p.outputChannels(), 4 * BytePanels.COLUMNS);
        long partWork = rowWork * partRows();
        long parts = isJoined() && rowParts < 4 ? Math.clamp(partWork / mostWork, 1, groupsOfColumns) : 1;
        partColumns = (int) Math.ceilDiv(groupsOfColumns, parts) * 4 * BytePanels.COLUMNS;
        columnParts = Math.ceilDiv(p.outputChannels(), partColumns);
    }

    /** The terms of a row of a window, with padding. */
    static int segmentTerms(ByteArithmetic arithmetic, int kernelWidth, int inputChannels) {
        return Math.ceilDiv(kernelWidth * inputChannels, arithmetic.terms()) * arithmetic.terms();
    }

    /** Whether windows are read from the input itself. */
    private static boolean isReadInPlace(ConvShape p, ByteArithmetic arithmetic) {
        Window2d.Axis columns = p.window().columns();
        boolean inside =
                PaddedByteLines.isInside(p.window().rows()) && PaddedByteLines.isInside(columns) && p.groups() == 1;
        int segment = segmentTerms(arithmetic, columns.kernel(), p.inputChannels());
        return inside && (arithmetic.widens() || columns.kernel() * p.inputChannels() == segment);
    }

    /** Whether all pixels are rows of one product. */
    static boolean isJoined(ConvShape p, ByteArithmetic arithmetic) {
        return isReadInPlace(p, arithmetic) && p.window().isIdentity();
    }

    private int copiedLines(int wanted) {
        int lines = Math.max(wanted, down.kernel());
        while (lines > 1 && inputLines(lines) * lineBytes() * elementBytes > MAX_COPY) {
            lines /= 2;
        }
        return Math.min(lines, down.output());
    }

    /** The bytes of a line of the input, or of its copy. */
    private long lineBytes() {
        return rows.segmentStep() / down.dilation() / elementBytes;
    }

    /** The lines of the input, or of its copy, that products read. */
    private int inputLines(int products) {
        return PaddedByteLines.lines(down, products);
    }

    /** Whether all pixels are rows of one product. */
    boolean isJoined() {
        return copy == null && p.window().isIdentity();
    }

    /** The terms of a row, with padding. */
    int terms() {
        return terms;
    }

    /** How rows are stored. */
    RequantizedRows.Rows rows() {
        return rows;
    }

    /** The parts of the rows. */
    int rowParts() {
        return rowParts;
    }

    /** The parts of the columns of a group. */
    int columnParts() {
        return columnParts;
    }

    /** The columns of a part, but for the last one. */
    int partColumns() {
        return partColumns;
    }

    /** The most rows of a product. */
    int productRows() {
        return productRows;
    }

    /** The rows of each product of the last part. */
    int lastProductRows() {
        return isJoined() ? (int) (allRows - (long) productRows * (rowParts - 1)) : productRows;
    }

    /** The most products of a part. */
    int partProducts() {
        return partProducts;
    }

    /** The most rows of a part. */
    long partRows() {
        return Math.min(allRows, (long) productRows * partProducts);
    }

    /** The products of a part: lines of the output, or one. */
    int products(int rowPart) {
        return isJoined() ? 1 : Math.min(partProducts, down.output() - firstLine(rowPart));
    }

    private int instanceParts() {
        return Math.ceilDiv(down.output(), partProducts);
    }

    private int firstLine(int rowPart) {
        return rowPart % instanceParts() * partProducts;
    }

    /** The index of the first row of a part among all rows of the output. */
    long firstRow(int rowPart) {
        return isJoined()
                ? (long) rowPart * productRows
                : (rowPart / instanceParts() * (long) down.output() + firstLine(rowPart)) * productRows;
    }

    /** Bytes from the first row of a product to that of the next one of its part. */
    long productStep() {
        return down.stride() * lineBytes() * elementBytes;
    }

    private long copyBytes() {
        return copy == null ? 0 : aligned(inputLines(partProducts) * lineBytes() + SLACK);
    }

    static long aligned(long bytes) {
        return (bytes + 63) & -64;
    }

    /** The offset of widened rows. */
    private long wordsOffset() {
        return offset + copyBytes();
    }

    private long wordBytes() {
        if (widening == null) {
            return 0;
        }
        long elements = isJoined() ? (long) productRows * p.inputChannels() : inputLines(partProducts) * lineBytes();
        return aligned(elements * Short.BYTES + SLACK);
    }

    /** The end of copies in scratch memory. */
    long scratchEnd() {
        return wordsOffset() + wordBytes();
    }

    /**
     * Prepares the rows of a part.
     *
     * @param rowPart the part
     * @param group the group of channels
     * @param x the input
     * @param scratch the scratch memory of the run
     * @param zero the zero point of the input, of which the lowest byte counts
     * @return the address of the first row of the first product
     */
    long prepare(int rowPart, int group, MemorySegment x, MemorySegment scratch, int zero) {
        return isJoined() ? joined(rowPart, x, scratch) : lines(rowPart, group, x, scratch, zero);
    }

    private long joined(int rowPart, MemorySegment x, MemorySegment scratch) {
        long row = (long) rowPart * productRows;
        if (widening == null) {
            return x.address() + row * p.inputChannels();
        }
        long count = Math.min(productRows, allRows - row) * p.inputChannels();
        widening.run(x, row * p.inputChannels(), scratch, wordsOffset(), count);
        return scratch.address() + wordsOffset();
    }

    private long lines(int rowPart, int group, MemorySegment x, MemorySegment scratch, int zero) {
        long instance = rowPart / instanceParts();
        int first = firstLine(rowPart);
        int lines = products(rowPart);
        long at =
                ((instance * down.input() + down.start(first)) * across.input() + across.start(0)) * p.inputChannels();
        MemorySegment source = x;
        if (copy != null) {
            long plane = instance * p.groups() + group;
            copy.copy(x, scratch, plane, first, first + lines, 0, productRows, zero);
            source = scratch;
            at = offset;
        }
        if (widening != null) {
            long count = Math.min(inputLines(lines) * lineBytes(), source.byteSize() - at);
            widening.run(source, at, scratch, wordsOffset(), count);
            source = scratch;
            at = wordsOffset();
        }
        return source.address() + at;
    }

    /** The lines of pixels that the products of a part read. */
    int pixelLines(int rowPart) {
        return inputLines(products(rowPart));
    }

    /** The most lines of pixels that a part reads. */
    int pixelLines() {
        return inputLines(partProducts);
    }

    /** The pixels of a line that the windows of a product read. */
    int linePixels() {
        return (productRows - 1) * across.stride() + (across.kernel() - 1) * across.dilation() + 1;
    }

    /** Bytes from a line of prepared pixels to the next. */
    long pixelLineStep() {
        return lineBytes() * elementBytes;
    }

    /** Bytes from a prepared pixel to the next. */
    long pixelStep() {
        return (long) p.inputChannels() * elementBytes;
    }
}
