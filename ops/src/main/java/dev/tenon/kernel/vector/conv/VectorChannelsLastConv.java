package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.NarrowTile;
import dev.tenon.kernel.vector.gemm.ShortTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of float32 planes whose channels lie last, as the product of windows, {@code [windows, terms]}, with the
 * weights, {@code [terms, outputs]}, which are packed in panels and stay in the second-level cache. The rows of a tile are
 * put together by {@link Im2col} once for all panels. A part is some windows with all their channels. Each element is
 * one chain of fused multiply-adds, to which the bias is added. A weight that is not finite makes NaN of padding.
 */
public final class VectorChannelsLastConv implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROWS = GemmTile.ROWS;

    private static final int LEAST_ROWS = Math.ceilDiv(24, ROWS) * ROWS;

    private static final int MOST_ROWS = 1 << 12;

    /** Multiply-adds of a part, where there are enough rows: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    private final ChannelRows result;
    private final Im2col source;
    private final int windows;
    private final int terms;
    private final int partRows;
    /** Rows of the output that lie near together. */
    private final int nearRows;

    private final int parts;
    private final int panels;

    private final TileEpilogue epilogue;

    private VectorChannelsLastConv(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        result = new ChannelRows(problem);
        windows = Math.toIntExact(p.instances() * p.window().windows());
        terms = (int) p.terms();
        source = new Im2col(p.window(), p.inputs());
        panels = result.panels();
        nearRows = tiling.finishedRows(p.outputs());
        int rows = Math.clamp(PART_WORK / ((long) terms * p.outputs()), LEAST_ROWS, MOST_ROWS) / ROWS * ROWS;
        parts = Math.ceilDiv(windows, rows);
        partRows = Math.ceilDiv(Math.ceilDiv(windows, parts), ROWS) * ROWS;
        epilogue = TileEpilogue.behind(p.epilogue(), result.scratchBytes());
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
        return TileEpilogue.id(epilogue, "conv_f32_last_direct_vector" + SimdSpecies.BITS);
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
        return TileEpilogue.scratchBytes(epilogue, result.scratchBytes());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return epilogue == null && result.inPlace(input);
    }

    @Override
    public Kernel apart(int pitch) {
        ChannelsLastConvProblem part = problem.apart(pitch, LANES);
        return part == null ? null : new VectorChannelsLastConv(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        result.start(operands, scratch);
        MemorySegment y = operands[p.output()];
        long rowBytes = result.rowBytes();
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int first = part * partRows;
                int end = Math.min(windows, first + partRows);
                int open = first;
                for (int row = first; row < end; row += ROWS) {
                    int rows = Math.min(ROWS, end - row);
                    source.copy(operands[0], row, rows, 0, terms, arrays.rows);
                    tile(operands, rows, end - row - rows, row * rowBytes, scratch, arrays);
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

    /**
     * Multiplies the rows of a tile with all panels.
     *
     * @param behind the rows of the part behind the tile
     */
    private void tile(MemorySegment[] operands, int rows, int behind, long at, MemorySegment scratch, GemmScratch g) {
        boolean few = ShortTile.does(rows, terms);
        for (int i = 0; i < panels; i++) {
            int panel = result.panel(i);
            if (few && result.isWithin(panel, terms, behind)) {
                result.putProducts(g.rows, terms, panel, operands, scratch, at);
                continue;
            }
            long weights = VectorPanels.offset(terms, panel, 0);
            NarrowTile.multiply(result.columns(panel), rows, g.rows, operands[1], weights, terms, g.tile);
            result.put(g.tile, rows, behind, panel, operands, scratch, at);
        }
    }
}
