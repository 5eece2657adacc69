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
 * Channels-last convolution of float32 images as the product of windows, {@code [windows, terms]}, and weights, {@code
 * [terms, outputs]}. The weights are packed in panels and stay in the second-level cache. {@link Im2col} packs the rows
 * of a tile once for all panels. A part is some windows with all their channels. Each element is one chain of fused
 * multiply-adds, to which the bias is added. A weight that is not finite turns padding into NaN.
 */
public final class VectorChannelsLastDirectConv implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROWS = GemmTile.ROWS;

    private static final int MIN_ROWS = Math.ceilDiv(24, ROWS) * ROWS;

    private static final int MAX_ROWS = 1 << 12;

    /** The multiply-adds of a part, if there are enough rows: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    private final ChannelsLastOutput writer;
    private final Im2col im2col;
    private final int windows;
    private final int terms;
    private final int partRows;
    /** The rows of the output that the epilogue works on at a time, while they are in the first-level cache. */
    private final int epilogueRows;

    private final int parts;
    private final int panels;

    private final TileEpilogue epilogue;

    private VectorChannelsLastDirectConv(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        writer = new ChannelsLastOutput(problem);
        windows = Math.toIntExact(p.instances() * p.window().windows());
        terms = (int) p.terms();
        im2col = new Im2col(p.window(), p.inputChannels());
        panels = writer.panels();
        epilogueRows = tiling.epilogueRows(p.outputChannels());
        int rows = Math.clamp(PART_WORK / ((long) terms * p.outputChannels()), MIN_ROWS, MAX_ROWS) / ROWS * ROWS;
        parts = Math.ceilDiv(windows, rows);
        partRows = Math.ceilDiv(Math.ceilDiv(windows, parts), ROWS) * ROWS;
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), writer.scratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group, weights in panels, a window of at most {@link GemmTile#DEPTH} terms
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastDirectConv(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_direct_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return epilogue == null ? "" : "rows " + epilogueRows;
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return 1 + (long) partRows * terms * (p.outputChannels() + LANES) / (3L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, writer.scratchBytes());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return epilogue == null && writer.inPlace(input);
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, LANES);
        return part == null ? null : new VectorChannelsLastDirectConv(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        writer.loadBias(operands, scratch);
        MemorySegment y = operands[p.output()];
        long rowBytes = writer.rowBytes();
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int first = part * partRows;
                int end = Math.min(windows, first + partRows);
                int firstUnfinished = first;
                for (int row = first; row < end; row += ROWS) {
                    int rows = Math.min(ROWS, end - row);
                    im2col.packRows(operands[0], row, rows, 0, terms, arrays.rows);
                    multiplyTile(operands, rows, end - row - rows, row * rowBytes, scratch, arrays);
                    int done = row + rows;
                    // Vectors may have written beyond the last row. That is overwritten later, and the epilogue does
                    // not see it yet.
                    if (epilogue != null && (done - firstUnfinished >= epilogueRows || done == end)) {
                        int channels = p.outputChannels();
                        epilogue.apply(
                                y,
                                firstUnfinished * rowBytes,
                                done - firstUnfinished,
                                channels,
                                channels,
                                operands,
                                scratch);
                        firstUnfinished = done;
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
     * @param rowsAfter the rows of the part after the tile
     */
    private void multiplyTile(
            MemorySegment[] operands, int rows, int rowsAfter, long at, MemorySegment scratch, GemmScratch g) {
        boolean useShortTile = ShortTile.isUsable(rows, terms);
        for (int i = 0; i < panels; i++) {
            int panel = writer.panelAt(i);
            if (useShortTile && writer.canMultiplyAndStore(panel, terms, rowsAfter)) {
                writer.multiplyAndStore(g.rows, terms, panel, operands, scratch, at);
                continue;
            }
            long weights = VectorPanels.offset(terms, panel, 0);
            NarrowTile.multiply(writer.columns(panel), rows, g.rows, operands[1], weights, terms, g.tile);
            writer.storeTile(g.tile, rows, rowsAfter, panel, operands, scratch, at);
        }
    }
}
