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
 * How a convolution writes its result where channels lie last: a tile of products at a time, whose rows are neighbouring
 * elements of a plane, with the bias, and perhaps a residual, added, and kept within bounds. Rows are written in whole
 * vectors. What the last vector of a row writes beyond its end is written again with the next row; so the last panel comes
 * before the others, and where no row follows, elements are written one by one.
 */
final class ChannelRows {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final ConvProblem p;
    /** The index of the residual among the operands, or -1. */
    private final int addend;

    private final float least;
    private final float greatest;
    /** Bytes from a row of the result to the next. */
    private final long rowBytes;

    ChannelRows(ChannelsLastConvProblem problem) {
        p = problem.conv();
        addend = problem.residual();
        least = problem.least();
        greatest = problem.greatest();
        rowBytes = (long) problem.pitch() * Float.BYTES;
    }

    /** Bytes from a row of the result to the next. */
    long rowBytes() {
        return rowBytes;
    }

    /** Whether a result can be written over the operand that is added to it: unless vectors reach into the next row. */
    boolean inPlace(int input) {
        return input == addend && p.outputs() % LANES == 0;
    }

    /** The bytes of scratch memory from its start on: the bias, or zeros, up to whole panels. */
    long scratchBytes() {
        return (long) panels() * COLUMNS * Float.BYTES;
    }

    int panels() {
        return VectorPanels.panels(p.outputs());
    }

    /** The panel that comes in some place: the last one first. */
    int panel(int place) {
        return place == 0 ? panels() - 1 : place - 1;
    }

    /** The columns of a panel that count. */
    int columns(int panel) {
        return Math.min(COLUMNS, p.outputs() - panel * COLUMNS);
    }

    /** Puts the bias into scratch memory. */
    void start(MemorySegment[] operands, MemorySegment scratch) {
        long given = p.bias() < 0 ? 0 : (long) p.outputs() * Float.BYTES;
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
     * @param behind rows behind the tile that are written later, or again, by the same thread
     * @param panel the panel
     * @param operands the operands of the run
     * @param scratch scratch memory, with the bias
     * @param at the byte offset of the first row's first channel
     */
    void put(float[] tile, int rows, int behind, int panel, MemorySegment[] operands, MemorySegment scratch, long at) {
        MemorySegment y = operands[p.output()];
        MemorySegment r = addend < 0 ? null : operands[addend];
        int columns = columns(panel);
        long shift = (long) panel * COLUMNS * Float.BYTES;
        int whole = Math.clamp(rows - (long) (rowsBeyond(columns) - behind), 0, rows);
        putVectors(tile, whole, columns, scratch, shift, r, y, at + shift);
        for (int row = whole; row < rows; row++) {
            putExactly(tile, row, columns, scratch, shift, r, y, at + shift);
        }
    }

    /**
     * Whether {@link #putProducts} writes rows of a panel as they shall be.
     *
     * @param panel the panel
     * @param terms the terms of the rows
     * @param behind rows behind them that are written later, or again, by the same thread
     */
    boolean isWithin(int panel, int terms, int behind) {
        return addend < 0 && ShortTile.gains(columns(panel), terms) && rowsBeyond(columns(panel)) <= behind;
    }

    /** The rows that the last vector of a row reaches into. */
    private int rowsBeyond(int columns) {
        return Math.ceilDiv(Math.ceilDiv(columns, LANES) * LANES - columns, p.outputs());
    }

    /**
     * Multiplies rows that {@link ShortTile} takes with a panel, and writes the products.
     *
     * @param a the rows
     * @param terms their terms
     * @param panel the panel
     * @param operands the operands of the run
     * @param scratch scratch memory, with the bias
     * @param at the byte offset of the first row's first channel
     */
    void putProducts(float[] a, int terms, int panel, MemorySegment[] operands, MemorySegment scratch, long at) {
        long shift = (long) panel * COLUMNS * Float.BYTES;
        ShortTile.multiply(
                columns(panel),
                a,
                operands[1],
                VectorPanels.offset(terms, panel, 0),
                terms,
                scratch,
                shift,
                least,
                greatest,
                operands[p.output()],
                at + shift,
                rowBytes);
    }

    /** Whether {@link #putThreeLines} writes rows as they shall be. */
    boolean isPlain() {
        return addend < 0 && greatest == Float.POSITIVE_INFINITY && p.outputs() % LANES == 0;
    }

    /**
     * Computes neighbouring windows that {@link Conv3x3SingleChannel} takes, and writes their rows.
     *
     * @param lines the lines of the windows
     * @param first where the first window begins in its first line
     * @param lineStep elements from a line of a window to the next
     * @param windows the number of windows
     * @param operands the operands of the run
     * @param scratch scratch memory, with the bias
     * @param at the byte offset of the first row's first channel
     */
    void putThreeLines(
            float[] lines,
            int first,
            int lineStep,
            int windows,
            MemorySegment[] operands,
            MemorySegment scratch,
            long at) {
        MemorySegment y = operands[p.output()];
        long step = (long) COLUMNS * Float.BYTES;
        int terms = Conv3x3SingleChannel.SIDE * Conv3x3SingleChannel.SIDE;
        for (int j = 0; j < p.outputs(); j += LANES) {
            long shift = (long) j * Float.BYTES;
            long weights = VectorPanels.offset(terms, j / COLUMNS, 0) + (long) j % COLUMNS * Float.BYTES;
            Conv3x3SingleChannel.above(
                    lines,
                    first,
                    lineStep,
                    windows,
                    operands[1],
                    weights,
                    step,
                    scratch,
                    shift,
                    least,
                    y,
                    at + shift,
                    rowBytes);
        }
    }

    /** Writes rows in whole vectors, the last ones first, as they reach into the next row. */
    private void putVectors(
            float[] tile,
            int rows,
            int columns,
            MemorySegment s,
            long bias,
            MemorySegment r,
            MemorySegment y,
            long at) {
        for (int j = (columns - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long shift = (long) j * Float.BYTES;
            if (r != null) {
                TileRows.putSum(tile, j, rows, s, bias + shift, r, least, greatest, y, at + shift, rowBytes);
            } else if (greatest != Float.POSITIVE_INFINITY) {
                TileRows.putWithin(tile, j, rows, s, bias + shift, least, greatest, y, at + shift, rowBytes);
            } else if (least != Float.NEGATIVE_INFINITY) {
                TileRows.putAbove(tile, j, rows, s, bias + shift, least, y, at + shift, rowBytes);
            } else {
                TileRows.put(tile, j, rows, s, bias + shift, y, at + shift, rowBytes);
            }
        }
    }

    /** Writes a row, and nothing behind it. */
    private void putExactly(
            float[] tile, int row, int columns, MemorySegment s, long bias, MemorySegment r, MemorySegment y, long at) {
        for (int j = 0; j < columns; j++) {
            long shift = (long) j * Float.BYTES;
            long to = at + row * rowBytes + shift;
            float value = tile[row * COLUMNS + j] + s.get(F32, bias + shift);
            value = r == null ? value : value + r.get(F32, to);
            value = value < least ? least : value;
            value = value > greatest ? greatest : value;
            y.set(F32, to, value);
        }
    }
}
