package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.conv.QuantizedResidual;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
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
    /** How many times as fast tile registers are. */
    private static final int AMX_SPEED = 4;

    private final QuantizedConvProblem p;
    private final ByteConvWeights weights;
    private final ByteArithmetic arithmetic;
    private final long panelBytes;
    private final long groupBytes;
    private final ByteRows rows;
    private final int speed;
    private final RequantizedRows product;
    private final RequantizedRows lastProduct;

    /** How results are added to other bytes; null if they are not. */
    private final RequantizedRows.Sum sum;

    private X64ByteConv(QuantizedConvProblem p, int speed, IntFunction<RequantizedRows> ofRows) {
        this.p = p;
        this.speed = speed;
        weights = (ByteConvWeights) p.layout();
        arithmetic = weights.arithmetic();
        rows = new ByteRows(p.shape(), arithmetic, p.signedX(), RequantizedRows.BLOCK_BYTES, speed);
        panelBytes = weights.panelBytes(rows.terms());
        groupBytes = weights.groupBytes(rows.terms(), p.outputChannels());
        QuantizedResidual r = p.residual();
        sum = r == null ? null : new RequantizedRows.Sum(p.signedY(), r.zero(), r.own(), r.other(), r.term());
        product = ofRows.apply(rows.productRows());
        int last = rows.lastProductRows();
        lastProduct = last == rows.productRows() ? product : ofRows.apply(last);
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
        boolean joined = ByteRows.isJoined(p.shape(), weights.arithmetic());
        return RequantizedRows.refuseTileRegisters(
                ByteRows.segmentTerms(weights.arithmetic(), across.kernel(), p.inputChannels()),
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
        return rows.rowParts() * rows.columnParts();
    }

    @Override
    public long partNanos() {
        return (long) ((double) rows.partRows()
                * Math.min(rows.partColumns(), p.outputChannels())
                * p.groups()
                * rows.terms()
                / (arithmetic.productsPerNano() * speed));
    }

    @Override
    public long scratchBytes() {
        return rows.scratchEnd();
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
        RequantizedRows.start(
                scratch, arithmetic.bits(), rows.rows(), panelBytes, p.allOutputs(), p.yZero(), weights.clips());
        QuantizedResidual residual = p.residual();
        MemorySegment other = residual == null ? null : operands[residual.operand()];
        if (other != null) {
            Objects.checkFromIndexSize(0, p.outputBytes(), other.byteSize());
            RequantizedRows.startSum(scratch, sum, p.allOutputs());
        }
        int prepared = -1;
        long first = 0;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / rows.columnParts();
                for (int group = 0; group < p.groups(); group++) {
                    if (rowPart != prepared || p.groups() > 1) {
                        first = rows.prepare(rowPart, group, x, scratch, p.xZero());
                    }
                    int column = group * p.outputChannels() + part % rows.columnParts() * rows.partColumns();
                    multiply(rowPart, first, column, operands, scratch);
                }
                prepared = rowPart;
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(w);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(other);
            Reference.reachabilityFence(scratch);
        }
    }

    /** Multiplies the rows of a part, from an address on, with some columns, the first of which is one of all groups' columns. */
    private void multiply(int rowPart, long first, int column, MemorySegment[] operands, MemorySegment scratch) {
        RequantizedRows rowProduct = rowPart == rows.rowParts() - 1 ? lastProduct : product;
        long y = operands[p.output()].address() + rows.firstRow(rowPart) * p.allOutputs() + column;
        for (int i = 0; i < rows.products(rowPart); i++) {
            long to = y + (long) i * rows.productRows() * p.allOutputs();
            multiply(rowProduct, first + i * rows.productStep(), to, column, operands, scratch);
        }
    }

    private void multiply(
            RequantizedRows rowProduct, long x, long y, int column, MemorySegment[] operands, MemorySegment scratch) {
        long panels = operands[p.weights()].address();
        int group = column / p.outputChannels();
        int own = column % p.outputChannels();
        long numbers = panels + p.groups() * groupBytes + (long) column * Integer.BYTES;
        if (p.residual() != null) {
            long from = y - operands[p.output()].address();
            RequantizedRows.addTo(scratch, operands[p.residual().operand()].address() + from);
        }
        rowProduct.run(
                scratch,
                x,
                panels + group * groupBytes + own / BytePanels.COLUMNS * panelBytes,
                numbers,
                numbers + (long) p.allOutputs() * Integer.BYTES,
                y,
                Math.min(rows.partColumns(), p.outputChannels() - own));
    }
}
