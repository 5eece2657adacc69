package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.conv.QuantizedResidual;
import dev.tenon.kernel.x64.gemm.BytePanelLayout;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Dense convolution of bytes with channels last, as a product of rows with packed weights. A window is a segment of
 * neighbouring bytes for each of its rows. Windows are read where they are, if nothing has to be padded; else lines are copied
 * into scratch memory first, with padding.
 *
 * <p>If a window is one pixel and the next window is the next pixel, all pixels are rows of one product. Otherwise each line
 * of the output is a product.
 */
public final class X64ByteConv implements Kernel {
    private static final int STEP = 4;

    /** Bytes after a copy that code may read. */
    private static final int SLACK = 64;

    private static final int MIN_ROWS = 256;
    private static final int MAX_ROW_BYTES = 1 << 17;
    private static final long PART_WORK = 1 << 22;
    private static final long MAX_COPY = 1 << 17;
    private static final double PRODUCTS_PER_NANO = 256;

    private final QuantizedConvProblem p;
    private final ByteConvWeights weights;
    private final int bits;
    private final int terms;
    private final RequantizedRows.Rows rows;

    /** The copy of lines; null if windows are read where they are. */
    private final PaddedLines copy;

    /** The rows of all products, of a product, and the products of a part. */
    private final long allRows;

    private final int productRows;
    private final int partProducts;
    private final int rowParts;
    private final int partColumns;
    private final int columnParts;
    private final RequantizedRows product;
    private final RequantizedRows lastProduct;

    /** How results are added to other bytes; null if they are not. */
    private final RequantizedRows.Sum sum;

    private X64ByteConv(QuantizedConvProblem p, int bits) {
        this.p = p;
        this.bits = bits;
        weights = (ByteConvWeights) p.layout();
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        int segment = ByteConvWeights.segmentBytes(across.kernel(), p.inputChannels());
        terms = down.kernel() * segment;
        boolean inside = PaddedLines.isInside(down) && PaddedLines.isInside(across) && p.groups() == 1;
        copy = inside && across.kernel() * p.inputChannels() % STEP == 0
                ? null
                : new PaddedLines(p, RequantizedRows.BLOCK_BYTES);
        long line = copy == null
                ? (long) across.input() * p.inputChannels()
                : copy.lineBytes(p.window().columns().output());
        rows = new RequantizedRows.Rows(
                segment, down.kernel(), line * down.dilation(), (long) across.stride() * p.inputChannels());
        boolean joined = copy == null && p.window().isIdentity();
        allRows = p.instances() * p.window().windows();
        long rowWork = (long) terms * p.outputChannels();
        if (joined) {
            long most = Math.max(1, MAX_ROW_BYTES / Math.max(1, terms));
            long wanted = Math.clamp(PART_WORK / Math.max(1, rowWork), 1, most);
            int products = Math.ceilDiv((int) allRows, (int) Math.max(MIN_ROWS, wanted));
            productRows = Math.ceilDiv((int) allRows, products);
            partProducts = 1;
        } else {
            productRows = across.output();
            long lines = Math.clamp(PART_WORK / Math.max(1, rowWork * productRows), 1, down.output());
            partProducts = copy == null ? (int) lines : copiedLines((int) lines);
        }
        rowParts = joined
                ? Math.ceilDiv((int) allRows, productRows)
                : p.instances() * Math.ceilDiv(down.output(), partProducts);
        long groupsOfColumns = Math.ceilDiv(p.outputChannels(), 4 * BytePanelLayout.COLUMNS);
        long partWork = rowWork * Math.min(allRows, (long) productRows * partProducts);
        long parts = joined && rowParts < 4 ? Math.clamp(partWork / PART_WORK, 1, groupsOfColumns) : 1;
        partColumns = (int) Math.ceilDiv(groupsOfColumns, parts) * 4 * BytePanelLayout.COLUMNS;
        columnParts = Math.ceilDiv(p.outputChannels(), partColumns);
        QuantizedResidual r = p.residual();
        sum = r == null ? null : new RequantizedRows.Sum(p.signedY(), r.zero(), r.own(), r.other(), r.term());
        product = product(productRows);
        int last = joined ? (int) (allRows - (long) productRows * (rowParts - 1)) : productRows;
        lastProduct = last == productRows
                ? product
                : product(last);
    }

    private RequantizedRows product(int count) {
        return p.residual() == null
                ? RequantizedRows.of(bits, p.signedX(), p.signedY(), count, p.outputChannels())
                : RequantizedRows.withSum(
                        bits,
                        p.signedX(),
                        p.signedY(),
                        count,
                        p.outputChannels(),
                        p.residual().first());
    }

    /**
     * Why results can't be added to other bytes, or null.
     *
     * @param channels the output channels of a dense convolution
     * @param residual what is added
     * @return the reason
     */
    public static String reasonAgainstSum(int channels, QuantizedResidual residual) {
        if (channels % BytePanelLayout.COLUMNS != 0) {
            return "its channels are no multiple of " + BytePanelLayout.COLUMNS;
        }
        return residual.isSmall() ? null : "its sums may be too large";
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.residual() != null && input == p.residual().operand();
    }

    private int copiedLines(int wanted) {
        int lines = Math.max(wanted, p.window().rows().kernel());
        while (lines > 1
                && copy.lines(lines) * copy.lineBytes(p.window().columns().output()) > MAX_COPY) {
            lines /= 2;
        }
        return Math.min(lines, p.window().rows().output());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are packed as {@link ByteConvWeights}, dense ones
     * @param bits the width of vectors, 256 or 512
     * @return the kernel
     */
    public static Kernel of(QuantizedConvProblem p, int bits) {
        return new X64ByteConv(p, bits);
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
                / PRODUCTS_PER_NANO);
    }

    private long copyBytes() {
        return copy == null
                ? 0
                : copy.lines(partProducts) * copy.lineBytes(p.window().columns().output()) + SLACK;
    }

    @Override
    public long scratchBytes() {
        return RequantizedRows.BLOCK_BYTES + copyBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment w = operands[p.weights()];
        MemorySegment y = operands[p.output()];
        long packed = p.groups() * ByteConvWeights.groupBytes(terms, p.outputChannels());
        Objects.checkFromIndexSize(0, p.inputBytes(), x.byteSize());
        Objects.checkFromIndexSize(0, packed + 2L * p.allOutputs() * Integer.BYTES, w.byteSize());
        Objects.checkFromIndexSize(0, p.outputBytes(), y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        RequantizedRows.start(
                scratch, bits, rows, BytePanelLayout.panelBytes(terms), p.allOutputs(), p.yZero(), weights.clips());
        QuantizedResidual residual = p.residual();
        MemorySegment other = residual == null ? null : operands[residual.operand()];
        if (other != null) {
            Objects.checkFromIndexSize(0, p.outputBytes(), other.byteSize());
            RequantizedRows.startSum(scratch, sum, p.allOutputs());
        }
        try {
            for (int part = from; part < to; part++) {
                int columns = part % columnParts * partColumns;
                if (copy == null && p.window().isIdentity()) {
                    joined(part / columnParts, columns, operands, scratch);
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

    private void joined(int rowPart, int column, MemorySegment[] operands, MemorySegment scratch) {
        long row = (long) rowPart * productRows;
        long x = operands[0].address() + row * p.inputChannels();
        long y = operands[p.output()].address() + row * p.outputChannels();
        multiply(rowPart == rowParts - 1 ? lastProduct : product, x, y, column, operands, scratch);
    }

    private void lines(int part, int group, MemorySegment[] operands, MemorySegment scratch) {
        Window2d.Axis down = p.window().rows();
        int instanceParts = Math.ceilDiv(down.output(), partProducts);
        long instance = part / instanceParts;
        int first = part % instanceParts * partProducts;
        int lines = Math.min(partProducts, down.output() - first);
        long start = operands[0].address()
                + (instance * down.input() + down.start(first))
                        * p.window().columns().input()
                        * p.inputChannels()
                + (long) p.window().columns().start(0) * p.inputChannels();
        long lineBytes = rows.segmentStep() / down.dilation();
        if (copy != null) {
            long plane = instance * p.groups() + group;
            copy.copy(operands[0], scratch, plane, first, first + lines, 0, productRows);
            start = scratch.address() + RequantizedRows.BLOCK_BYTES;
        }
        long y = operands[p.output()].address()
                + (instance * down.output() + first) * productRows * p.allOutputs()
                + (long) group * p.outputChannels();
        for (int i = 0; i < lines; i++) {
            long x = start + (long) i * down.stride() * lineBytes;
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
        long groupBytes = ByteConvWeights.groupBytes(terms, p.outputChannels());
        long numbers = panels + p.groups() * groupBytes + (long) column * Integer.BYTES;
        if (p.residual() != null) {
            long from = y + own - operands[p.output()].address();
            RequantizedRows.addTo(scratch, operands[p.residual().operand()].address() + from);
        }
        rowProduct.run(
                scratch,
                x,
                panels + group * groupBytes + own / BytePanelLayout.COLUMNS * BytePanelLayout.panelBytes(terms),
                numbers,
                numbers + (long) p.allOutputs() * Integer.BYTES,
                y + own,
                Math.min(partColumns, p.outputChannels() - own));
    }
}
