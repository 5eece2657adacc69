package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.ShortTile;
import dev.tenon.kernel.vector.gemm.TileRows;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes the result of a channels-last convolution, one tile of products at a time, with a bias, an optional residual
 * and optional bounds. The rows of a tile are neighbouring pixels. They are written in whole vectors. The last vector
 * of a row may reach into the next row, which is written later and repairs that. So the last panel is written before
 * the others; and elements are written one by one where no later row follows.
 */
final class ChannelsLastOutput {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final ConvProblem p;
    /** The index of the residual among the operands, or -1. */
    private final int residual;

    private final float lower;
    private final float upper;
    /** Bytes from a row of the result to the next. */
    private final long rowBytes;

    ChannelsLastOutput(ChannelsLastConvProblem problem) {
        p = problem.conv();
        residual = problem.residual();
        lower = problem.lower();
        upper = problem.upper();
        rowBytes = (long) problem.pixelStride() * Float.BYTES;
    }

    /** Bytes from a row of the result to the next. */
    long rowBytes() {
        return rowBytes;
    }

    /**
     * Whether the result may overwrite an operand: only the residual, and only if vectors do not reach into the next
     * row.
     */
    boolean inPlace(int input) {
        return input == residual && p.outputChannels() % LANES == 0;
    }

    /** The bytes of the bias, or of zeros, at the start of scratch memory, padded to whole panels. */
    long scratchBytes() {
        return (long) panels() * COLUMNS * Float.BYTES;
    }

    int panels() {
        return VectorPanels.panels(p.outputChannels());
    }

    /** The panel that is written at an index: the last panel comes first. */
    int panelAt(int index) {
        return index == 0 ? panels() - 1 : index - 1;
    }

    /** The valid columns of a panel. */
    int columns(int panel) {
        return Math.min(COLUMNS, p.outputChannels() - panel * COLUMNS);
    }

    /** Copies the bias to scratch memory. */
    void loadBias(MemorySegment[] operands, MemorySegment scratch) {
        long given = p.bias() < 0 ? 0 : (long) p.outputChannels() * Float.BYTES;
        if (given > 0) {
            MemorySegment.copy(operands[p.bias()], 0, scratch, 0, given);
        }
        MemoryMoves.clear(scratch, given, scratchBytes() - given);
    }

    /**
     * Writes the products of a tile with a panel.
     *
     * @param tile the products, {@link GemmTile#COLUMNS} elements from row to row
     * @param rows the number of rows
     * @param rowsAfter rows after the tile that the same thread writes later
     * @param panel the panel
     * @param operands the operands of the run
     * @param scratch scratch memory that holds the bias
     * @param at the byte offset of the first row's first channel
     */
    void storeTile(
            float[] tile,
            int rows,
            int rowsAfter,
            int panel,
            MemorySegment[] operands,
            MemorySegment scratch,
            long at) {
        int columns = columns(panel);
        long columnOffset = (long) panel * COLUMNS * Float.BYTES;
        int whole = Math.clamp(rows - (long) (overrunRows(columns) - rowsAfter), 0, rows);
        storeVectors(tile, whole, columns, operands, scratch, columnOffset, at);
        for (int row = whole; row < rows; row++) {
            storeScalars(tile, row, columns, operands, scratch, columnOffset, at);
        }
    }

    /**
     * Whether {@link #multiplyAndStore} writes the rows of a panel correctly.
     *
     * @param panel the panel
     * @param terms the terms of the rows
     * @param rowsAfter rows after them that the same thread writes later
     */
    boolean canMultiplyAndStore(int panel, int terms, int rowsAfter) {
        return residual < 0 && ShortTile.isFaster(columns(panel), terms) && overrunRows(columns(panel)) <= rowsAfter;
    }

    /** The number of rows that the last vector of a row reaches into. */
    private int overrunRows(int columns) {
        return Math.ceilDiv(Math.ceilDiv(columns, LANES) * LANES - columns, p.outputChannels());
    }

    /**
     * Multiplies rows with a panel by {@link ShortTile}, and writes the products.
     *
     * @param a the rows
     * @param terms their terms
     * @param panel the panel
     * @param operands the operands of the run
     * @param scratch scratch memory that holds the bias
     * @param at the byte offset of the first row's first channel
     */
    void multiplyAndStore(float[] a, int terms, int panel, MemorySegment[] operands, MemorySegment scratch, long at) {
        long shift = (long) panel * COLUMNS * Float.BYTES;
        ShortTile.multiply(
                columns(panel),
                a,
                operands[1],
                VectorPanels.offset(terms, panel, 0),
                terms,
                scratch,
                shift,
                lower,
                upper,
                operands[p.output()],
                at + shift,
                rowBytes);
    }

    /**
     * The loop for 3 x 3 windows over one channel, if it can write the rows of this result.
     *
     * @param lineStep elements from a row of a window to the next
     * @return the loop, or null if there is a residual or an upper bound, or the last vector of a row is not whole
     */
    Conv3x3SingleChannel conv3x3(int lineStep) {
        boolean supported = residual < 0 && upper == Float.POSITIVE_INFINITY && p.outputChannels() % LANES == 0;
        return supported ? new Conv3x3SingleChannel(lineStep, lower, rowBytes) : null;
    }

    /**
     * Computes neighbouring windows and writes their rows.
     *
     * @param conv the result of {@link #conv3x3}
     * @param lines the input rows of the windows
     * @param first the index of the first element of the first window
     * @param windows the number of windows
     * @param operands the operands of the run
     * @param scratch scratch memory that holds the bias
     * @param at the byte offset of the first row's first channel
     */
    void storeConv3x3(
            Conv3x3SingleChannel conv,
            float[] lines,
            int first,
            int windows,
            MemorySegment[] operands,
            MemorySegment scratch,
            long at) {
        MemorySegment y = operands[p.output()];
        int terms = Conv3x3SingleChannel.SIDE * Conv3x3SingleChannel.SIDE;
        for (int j = 0; j < p.outputChannels(); j += LANES) {
            long shift = (long) j * Float.BYTES;
            long weights = VectorPanels.offset(terms, j / COLUMNS, 0) + (long) j % COLUMNS * Float.BYTES;
            conv.computeRow(lines, first, windows, operands[1], weights, scratch, shift, y, at + shift);
        }
    }

    /** Writes rows in whole vectors, the last vector first, because it may reach into the next row. */
    private void storeVectors(
            float[] tile,
            int rows,
            int columns,
            MemorySegment[] operands,
            MemorySegment s,
            long columnOffset,
            long at) {
        MemorySegment y = operands[p.output()];
        MemorySegment r = residual < 0 ? null : operands[residual];
        for (int j = (columns - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long shift = columnOffset + (long) j * Float.BYTES;
            if (r != null) {
                TileRows.putSum(tile, j, rows, s, shift, r, lower, upper, y, at + shift, rowBytes);
            } else if (upper != Float.POSITIVE_INFINITY) {
                TileRows.putWithin(tile, j, rows, s, shift, lower, upper, y, at + shift, rowBytes);
            } else if (lower != Float.NEGATIVE_INFINITY) {
                TileRows.putAbove(tile, j, rows, s, shift, lower, y, at + shift, rowBytes);
            } else {
                TileRows.put(tile, j, rows, s, shift, y, at + shift, rowBytes);
            }
        }
    }

    /** Writes exactly the elements of one row. */
    private void storeScalars(
            float[] tile, int row, int columns, MemorySegment[] operands, MemorySegment s, long columnOffset, long at) {
        MemorySegment y = operands[p.output()];
        MemorySegment r = residual < 0 ? null : operands[residual];
        for (int j = 0; j < columns; j++) {
            long shift = columnOffset + (long) j * Float.BYTES;
            long to = at + row * rowBytes + shift;
            float value = tile[row * COLUMNS + j] + s.get(F32, shift);
            value = r == null ? value : value + r.get(F32, to);
            value = value < lower ? lower : value;
            value = value > upper ? upper : value;
            y.set(F32, to, value);
        }
    }
}
