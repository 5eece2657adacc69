package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.conv.QuantizedResidual;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.kernel.x64.gemm.Widening;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Dense convolution of bytes with channels last, as a product of rows with packed weights. A window is a segment of
 * neighbouring bytes for each of its rows. Windows are read where they are, if nothing has to be padded; else lines are copied
 * into scratch memory first, with padding. If products are those of 16-bit numbers, rows are widened into scratch memory, from
 * wherever they are.
 *
 * <p>If a window is one pixel and the next window is the next pixel, all pixels are rows of one product. Otherwise each line
 * of the output is a product.
 */
public final class X64ByteConv implements Kernel {
    /** Bytes after a copy that code may read. */
    private static final int SLACK = 64;

    private static final int MIN_ROWS = 256;
    private static final int MAX_ROW_BYTES = 1 << 17;
    private static final long PART_WORK = 1 << 22;

    /** How many times as fast tile registers are. */
    private static final int AMX_SPEED = 4;

    /** The rows of a tile of tile registers. */
    private static final int AMX_ROWS = 32;

    private static final long MAX_COPY = 1 << 17;

    private final QuantizedConvProblem p;
    private final ByteConvWeights weights;
    private final ByteArithmetic arithmetic;
    private final int terms;
    private final long panelBytes;
    private final long groupBytes;

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
    private final int speed;
    private final RequantizedRows product;
    private final RequantizedRows lastProduct;

    /** How results are added to other bytes; null if they are not. */
    private final RequantizedRows.Sum sum;

    private X64ByteConv(QuantizedConvProblem p, int speed, IntFunction<RequantizedRows> ofRows) {
        this.p = p;
        this.speed = speed;
        long mostWork = PART_WORK * speed;
        weights = (ByteConvWeights) p.layout();
        arithmetic = weights.arithmetic();
        widening = arithmetic.widens() ? Widening.of(p.signedX()) : null;
        elementBytes = widening == null ? 1 : Short.BYTES;
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        int segment = weights.segmentTerms(across.kernel(), p.inputChannels());
        terms = down.kernel() * segment;
        panelBytes = weights.panelBytes(terms);
        groupBytes = weights.groupBytes(terms, p.outputChannels());
        copy = isReadInPlace(p) ? null : new PaddedByteLines(p, RequantizedRows.BLOCK_BYTES);
        long line = copy == null
                ? (long) across.input() * p.inputChannels()
                : copy.lineBytes(p.window().columns().output());
        rows = new RequantizedRows.Rows(
                segment * elementBytes,
                down.kernel(),
                line * down.dilation() * elementBytes,
                (long) across.stride() * p.inputChannels() * elementBytes);
        boolean joined = copy == null && p.window().isIdentity();
        allRows = p.instances() * p.window().windows();
        long rowWork = (long) terms * p.outputChannels();
        if (joined) {
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
        rowParts = joined
                ? Math.ceilDiv((int) allRows, productRows)
                : p.instances() * Math.ceilDiv(down.output(), partProducts);
        long groupsOfColumns = Math.ceilDiv(p.outputChannels(), 4 * BytePanels.COLUMNS);
        long partWork = rowWork * Math.min(allRows, (long) productRows * partProducts);
        long parts = joined && rowParts < 4 ? Math.clamp(partWork / mostWork, 1, groupsOfColumns) : 1;
        partColumns = (int) Math.ceilDiv(groupsOfColumns, parts) * 4 * BytePanels.COLUMNS;
        columnParts = Math.ceilDiv(p.outputChannels(), partColumns);
        QuantizedResidual r = p.residual();
        sum = r == null ? null : new RequantizedRows.Sum(p.signedY(), r.zero(), r.own(), r.other(), r.term());
        product = ofRows.apply(productRows);
        int last = joined ? (int) (allRows - (long) productRows * (rowParts - 1)) : productRows;
        lastProduct = last == productRows ? product : ofRows.apply(last);
    }

    /** Whether windows are read from the input itself. */
    private static boolean isReadInPlace(QuantizedConvProblem p) {
        ByteConvWeights weights = (ByteConvWeights) p.layout();
        Window2d.Axis across = p.window().columns();
        boolean inside =
                PaddedByteLines.isInside(p.window().rows()) && PaddedByteLines.isInside(across) && p.groups() == 1;
        int segment = weights.segmentTerms(across.kernel(), p.inputChannels());
        return inside && (weights.arithmetic().widens() || across.kernel() * p.inputChannels() == segment);
    }

    /**
     * Why results can't be added to other bytes, or null.
     *
     * @param channels the output channels of a dense convolution
     * @param residual what is added
     * @return the reason
     */
    public static String reasonAgainstSum(int channels, QuantizedResidual residual) {
        if (channels % BytePanels.COLUMNS != 0) {
            return "its channels are no multiple of " + BytePanels.COLUMNS;
        }
        return residual.isSmall() ? null : "its sums may be too large";
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.residual() != null && input == p.residual().operand();
    }

    private int copiedLines(int wanted) {
        int lines = Math.max(wanted, p.window().rows().kernel());
        while (lines > 1 && inputLines(lines) * lineBytes() * elementBytes > MAX_COPY) {
            lines /= 2;
        }
        return Math.min(lines, p.window().rows().output());
    }

    /** The bytes of a line of the input, or of its copy. */
    private long lineBytes() {
        return rows.segmentStep() / p.window().rows().dilation() / elementBytes;
    }

    /** The lines of the input, or of its copy, that products read. */
    private int inputLines(int products) {
        return PaddedByteLines.lines(p.window().rows(), products);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are packed as {@link ByteConvWeights}, dense ones
     * @return the kernel
     */
    public static Kernel of(QuantizedConvProblem p) {
        return new X64ByteConv(p, 1, rows -> vectors(p, rows));
    }

    /**
     * The kernel of a problem in the tile registers of AMX.
     *
     * @param p a convolution for which {@link #refuseTileRegisters} gives no reason
     * @return the kernel
     */
    public static Kernel ofTileRegisters(QuantizedConvProblem p) {
        return ofTileRegisters(p, rows -> RequantizedRows.ofTileRegisters(p.signedY(), rows));
    }

    /** The kernel of a problem that is split as tile registers need it. */
    static Kernel ofTileRegisters(QuantizedConvProblem p, IntFunction<RequantizedRows> ofRows) {
        return new X64ByteConv(p, AMX_SPEED, ofRows);
    }

    /** The product of some rows without tile registers. */
    static RequantizedRows vectors(QuantizedConvProblem p, int rows) {
        ByteArithmetic arithmetic = ((ByteConvWeights) p.layout()).arithmetic();
        return p.residual() == null
                ? RequantizedRows.of(arithmetic, p.signedX(), p.signedY(), rows, p.outputChannels())
                : RequantizedRows.withSum(
                        arithmetic,
                        p.signedX(),
                        p.signedY(),
                        rows,
                        p.outputChannels(),
                        p.residual().first());
    }

    /**
     * Why tile registers can't take a convolution, or would not be faster.
     *
     * @param p a dense convolution whose weights are packed
     * @return the reason, or null
     */
    public static String refuseTileRegisters(QuantizedConvProblem p) {
        ByteConvWeights weights = (ByteConvWeights) p.layout();
        if (weights.arithmetic() != ByteArithmetic.DOTS_512) {
            return "the weights are packed for " + weights.arithmetic().suffix();
        }
        if (p.signedX()) {
            return "the input is signed";
        }
        if (p.residual() != null) {
            return "results are added to other bytes";
        }
        Window2d.Axis across = p.window().columns();
        boolean joined = isReadInPlace(p) && p.window().isIdentity();
        return RequantizedRows.refuseTileRegisters(
                weights.segmentTerms(across.kernel(), p.inputChannels()),
                p.window().rows().kernel(),
                joined ? p.instances() * p.window().windows() : across.output());
    }

    @Override
    public String id() {
        return "conv_i8_last_product_" + p.window().rows().kernel() + "x"
                + p.window().columns().kernel() + "_" + product.tile() + (sum == null ? "" : "_sum");
    }

    @Override
    public int parts() {
        return rowParts * columnParts;
    }

    @Override
    public long partNanos() {
        long partRows = Math.min(allRows, (long) productRows * partProducts);
        return (long) ((double) partRows
                * Math.min(partColumns, p.outputChannels())
                * p.groups()
                * terms
                / (arithmetic.productsPerNano() * speed));
    }

    private long copyBytes() {
        return copy == null ? 0 : aligned(inputLines(partProducts) * lineBytes() + SLACK);
    }

    private static long aligned(long bytes) {
        return (bytes + 63) & -64;
    }

    /** The offset of widened rows. */
    private long wordsOffset() {
        return RequantizedRows.BLOCK_BYTES + copyBytes();
    }

    private long wordBytes() {
        if (widening == null) {
            return 0;
        }
        long elements = isJoined() ? (long) productRows * p.inputChannels() : inputLines(partProducts) * lineBytes();
        return aligned(elements * Short.BYTES + SLACK);
    }

    @Override
    public long scratchBytes() {
        return wordsOffset() + wordBytes();
    }

    /** Whether all pixels are rows of one product. */
    private boolean isJoined() {
        return copy == null && p.window().isIdentity();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment w = operands[p.weights()];
        MemorySegment y = operands[p.output()];
        long packed = p.groups() * groupBytes;
        Objects.checkFromIndexSize(0, p.inputBytes(), x.byteSize());
        Objects.checkFromIndexSize(0, packed + 2L * p.allOutputs() * Integer.BYTES, w.byteSize());
        Objects.checkFromIndexSize(0, p.outputBytes(), y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        RequantizedRows.start(scratch, arithmetic.bits(), rows, panelBytes, p.allOutputs(), p.yZero(), weights.clips());
        QuantizedResidual residual = p.residual();
        MemorySegment other = residual == null ? null : operands[residual.operand()];
        if (other != null) {
            Objects.checkFromIndexSize(0, p.outputBytes(), other.byteSize());
            RequantizedRows.startSum(scratch, sum, p.allOutputs());
        }
        int prepared = -1;
        try {
            for (int part = from; part < to; part++) {
                int columns = part % columnParts * partColumns;
                if (isJoined()) {
                    joined(part / columnParts, columns, part / columnParts != prepared, operands, scratch);
                    prepared = part / columnParts;
                } else {
                    for (int group = 0; group < p.groups(); group++) {
                        lines(part, group, operands, scratch);
                    }
                }
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(w);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(other);
            Reference.reachabilityFence(scratch);
        }
    }

    private void joined(int rowPart, int column, boolean prepares, MemorySegment[] operands, MemorySegment scratch) {
        long row = (long) rowPart * productRows;
        long x = operands[0].address() + row * p.inputChannels();
        if (widening != null) {
            long count = Math.min(productRows, allRows - row) * p.inputChannels();
            if (prepares) {
                widening.run(operands[0], row * p.inputChannels(), scratch, wordsOffset(), count);
            }
            x = scratch.address() + wordsOffset();
        }
        long y = operands[p.output()].address() + row * p.outputChannels();
        multiply(rowPart == rowParts - 1 ? lastProduct : product, x, y, column, operands, scratch);
    }

    private void lines(int part, int group, MemorySegment[] operands, MemorySegment scratch) {
        Window2d.Axis down = p.window().rows();
        int instanceParts = Math.ceilDiv(down.output(), partProducts);
        long instance = part / instanceParts;
        int first = part % instanceParts * partProducts;
        int lines = Math.min(partProducts, down.output() - first);
        long at = ((instance * down.input() + down.start(first))
                                * p.window().columns().input()
                        + p.window().columns().start(0))
                * p.inputChannels();
        MemorySegment source = operands[0];
        if (copy != null) {
            long plane = instance * p.groups() + group;
            copy.copy(operands[0], scratch, plane, first, first + lines, 0, productRows);
            source = scratch;
            at = RequantizedRows.BLOCK_BYTES;
        }
        if (widening != null) {
            long count = Math.min(inputLines(lines) * lineBytes(), source.byteSize() - at);
            widening.run(source, at, scratch, wordsOffset(), count);
            source = scratch;
            at = wordsOffset();
        }
        long start = source.address() + at;
        long y = operands[p.output()].address()
                + (instance * down.output() + first) * productRows * p.allOutputs()
                + (long) group * p.outputChannels();
        for (int i = 0; i < lines; i++) {
            long x = start + (long) i * down.stride() * lineBytes() * elementBytes;
            long to = y + (long) i * productRows * p.allOutputs();
            multiply(product, x, to, group * p.outputChannels(), operands, scratch);
        }
    }

    /** Multiplies rows with the columns of a part, the first of which is one of all groups' columns. */
    private void multiply(
            RequantizedRows rowProduct, long x, long y, int column, MemorySegment[] operands, MemorySegment scratch) {
        long panels = operands[p.weights()].address();
        int group = column / p.outputChannels();
        int own = column % p.outputChannels();
        long numbers = panels + p.groups() * groupBytes + (long) column * Integer.BYTES;
        if (p.residual() != null) {
            long from = y + own - operands[p.output()].address();
            RequantizedRows.addTo(scratch, operands[p.residual().operand()].address() + from);
        }
        rowProduct.run(
                scratch,
                x,
                panels + group * groupBytes + own / BytePanels.COLUMNS * panelBytes,
                numbers,
                numbers + (long) p.allOutputs() * Integer.BYTES,
                y + own,
                Math.min(partColumns, p.outputChannels() - own));
    }
}
