package dev.tenon.kernel.vector;

import dev.tenon.kernel.ChannelsLastConvProblem;
import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution of float32 planes whose channels lie last, as the product of windows, {@code [windows, terms]}, with the
 * weights, {@code [terms, outputs]}, which are packed in panels and stay in the second-level cache. The rows of a tile are
 * put together by {@link WindowRows} once for all panels. A part is some windows with all their channels. Each element is
 * one chain of fused multiply-adds, to which the bias is added. A weight that is not finite makes NaN of padding.
 */
public final class VectorChannelsLastConv implements Kernel {
    private static final int LANES = VectorShape.F32.length();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROWS = GemmTile.ROWS;

    private static final int LEAST_ROWS = Math.ceilDiv(24, ROWS) * ROWS;

    private static final int MOST_ROWS = 1 << 12;

    /** Multiply-adds of a part, where there are enough rows: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    private final ConvProblem p;
    /** The index of the residual among the operands, or -1. */
    private final int addend;

    private final float least;
    private final float greatest;
    private final WindowRows source;
    private final int windows;
    private final int terms;
    private final int partRows;
    /** Rows of the output that lie near together. */
    private final int nearRows;

    private final int parts;
    private final int panels;

    private final TileEpilogue epilogue;

    private VectorChannelsLastConv(ChannelsLastConvProblem problem, Tiling tiling) {
        p = problem.conv();
        addend = problem.residual();
        least = problem.least();
        greatest = problem.greatest();
        windows = Math.toIntExact(p.instances() * p.window().windows());
        terms = (int) p.terms();
        source = new WindowRows(p.window(), p.inputs());
        panels = VectorPanels.panels(p.outputs());
        nearRows = tiling.finishedRows(p.outputs());
        int rows = Math.clamp(PART_WORK / ((long) terms * p.outputs()), LEAST_ROWS, MOST_ROWS) / ROWS * ROWS;
        parts = Math.ceilDiv(windows, rows);
        partRows = Math.ceilDiv(Math.ceilDiv(windows, parts), ROWS) * ROWS;
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution of one group, its weights in panels, a window of at most {@link GemmTile#DEPTH} terms
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastConv(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_direct_vector" + VectorShape.BITS);
    }

    @Override
    public String tiling() {
        return epilogue == null ? "" : "rows " + nearRows;
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return 1 + (long) partRows * terms * (p.outputs() + LANES) / (3L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    /** The residual is read where the sum is written, unless vectors reach into the next row. */
    @Override
    public boolean inPlace(int input, int output) {
        return input == addend && epilogue == null && p.outputs() % LANES == 0;
    }

    /** The bias, or zeros, up to whole panels. */
    private long ownBytes() {
        return (long) panels * COLUMNS * Float.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        start(operands, scratch);
        MemorySegment y = operands[p.output()];
        MemorySegment residual = addend < 0 ? null : operands[addend];
        long rowBytes = (long) p.outputs() * Float.BYTES;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int first = part * partRows;
                int end = Math.min(windows, first + partRows);
                int open = first;
                for (int row = first; row < end; row += ROWS) {
                    int rows = Math.min(ROWS, end - row);
                    source.copy(operands[0], row, rows, 0, terms, arrays.rows);
                    tile(operands[1], rows, end - row - rows, residual, y, row * rowBytes, scratch, arrays);
                    int done = row + rows;
                    // What vectors wrote behind the last row is still to be written over: it is no element yet.
                    if (epilogue != null && (done - open >= nearRows || done == end)) {
                        int channels = p.outputs();
                        epilogue.apply(y, open * rowBytes, done - open, channels, channels, operands, scratch);
                        open = done;
                    }
                }
            }
        } finally {
            arrays.give();
        }
    }

    private void start(MemorySegment[] operands, MemorySegment scratch) {
        long given = p.bias() < 0 ? 0 : (long) p.outputs() * Float.BYTES;
        if (given > 0) {
            MemorySegment.copy(operands[p.bias()], 0, scratch, 0, given);
        }
        scratch.asSlice(given, ownBytes() - given).fill((byte) 0);
    }

    /**
     * Multiplies the rows of a tile with all panels. The last panel comes first: what its vectors write beyond the end of
     * a row is written again, and nothing is written beyond the part.
     *
     * @param behind the rows of the part behind the tile
     */
    private void tile(
            MemorySegment w,
            int rows,
            int behind,
            MemorySegment residual,
            MemorySegment y,
            long at,
            MemorySegment scratch,
            GemmScratch g) {
        for (int i = 0; i < panels; i++) {
            int panel = i == 0 ? panels - 1 : i - 1;
            int columns = Math.min(COLUMNS, p.outputs() - panel * COLUMNS);
            long weights = VectorPanels.offset(terms, panel, 0);
            NarrowTile.multiply(columns, rows, g.rows, w, weights, terms, g.tile);
            long shift = (long) panel * COLUMNS * Float.BYTES;
            int beyond = Math.ceilDiv(columns, LANES) * LANES - columns;
            int whole = Math.clamp(rows - (long) (Math.ceilDiv(beyond, p.outputs()) - behind), 0, rows);
            put(g.tile, whole, columns, scratch, shift, residual, y, at + shift);
            for (int r = whole; r < rows; r++) {
                putExactly(g.tile, r, columns, scratch, shift, residual, y, at + shift);
            }
        }
    }

    /** Writes rows of a tile in whole vectors, the last ones first, as they reach into the next row. */
    private void put(
            float[] tile,
            int rows,
            int columns,
            MemorySegment s,
            long bias,
            MemorySegment r,
            MemorySegment y,
            long at) {
        long rowBytes = (long) p.outputs() * Float.BYTES;
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
            long to = at + row * (long) p.outputs() * Float.BYTES + shift;
            float value = tile[row * COLUMNS + j] + s.get(F32, bias + shift);
            value = r == null ? value : value + r.get(F32, to);
            value = value < least ? least : value;
            value = value > greatest ? greatest : value;
            y.set(F32, to, value);
        }
    }
}
