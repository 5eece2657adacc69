package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.conv.WinogradTransform.INPUT;
import static dev.tenon.kernel.vector.conv.WinogradTransform.OUTPUT;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradBlocks;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Channels-last convolution of float32 images with 3 x 3 windows by Winograd's minimal filtering in output tiles of 4 x 4. Tiles
 * of the input are transformed; each of their elements makes a matrix {@code [tiles, inputs]}, which {@link GemmTile} multiplies
 * by the matrix {@code [inputs, outputs]} of the same element of the weights; the products are transformed into tiles of the
 * output. {@link dev.tenon.kernel.conv.WinogradPoints} describes the error of a result and the effect of elements that are not
 * finite.
 *
 * <p>A part is a block of tiles and some panels of the weights. The bits of a tile do not depend on the tiles beside it.
 */
public final class VectorChannelsLastWinograd implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROWS = GemmTile.ROWS;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ELEMENTS = INPUT * INPUT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PANEL_ROW_BYTES = (long) COLUMNS * Float.BYTES;
    private static final int TARGET_PARTS = 8;

    /** Roughly the bytes of the transformed tiles of a block and their products: they stay in the second-level cache. */
    private static final long BLOCK_BYTES = 3 << 17;

    private final ChannelsLastConvProblem problem;
    private final ConvProblem p;
    private final int inputs;

    /** The blocks of {@link GemmTile#DEPTH} input channels. */
    private final int termBlocks;

    private final WinogradBlocks blocks;

    /** The groups of {@link GemmTile#ROWS} tiles of a block. */
    private final int groups;

    private final int partPanels;
    private final int panelParts;
    private final TileEpilogue epilogue;

    private VectorChannelsLastWinograd(ChannelsLastConvProblem problem) {
        this.problem = problem;
        p = problem.conv();
        inputs = p.inputChannels();
        termBlocks = Math.ceilDiv(inputs, GemmTile.DEPTH);
        long tileBytes = (long) Float.BYTES * ELEMENTS * (inputs + COLUMNS);
        blocks = WinogradBlocks.of(p, OUTPUT, Math.toIntExact(Math.max(ROWS, BLOCK_BYTES / tileBytes)));
        groups = Math.ceilDiv(blocks.maxTiles(), ROWS);
        int panels = VectorPanels.panels(p.outputChannels());
        int parts = Math.clamp(Math.ceilDiv(TARGET_PARTS, blocks.blocks()), 1, panels);
        partPanels = Math.ceilDiv(panels, parts);
        panelParts = Math.ceilDiv(panels, partPanels);
        Math.multiplyExact(blocks.blocks(), panelParts);
        epilogue = TileEpilogue.withScratchAfter(AddClampEpilogue.of(p.epilogue(), problem), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group with weights that are transformed for tiles of 4 x 4
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastWinograd(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_last_winograd_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return blocks.blocks() * panelParts;
    }

    @Override
    public long partNanos() {
        long columns = Math.min(p.outputChannels(), (long) partPanels * COLUMNS);
        return 1 + (long) ELEMENTS * blocks.maxTiles() * (inputs * columns / (3L * LANES) + (inputs + columns) / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, LANES);
        return part == null ? null : new VectorChannelsLastWinograd(part);
    }

    /** The pixels of the lines that a line of tiles reads. */
    private int linePixels(int tiles) {
        return tiles * OUTPUT + INPUT - OUTPUT;
    }

    /** Products from an element to the next one: one vector more, so that the elements do not share a set of a cache. */
    private int elementProducts() {
        return groups * ROWS * COLUMNS + LANES;
    }

    /** The array of some transformed tiles. */
    private int tileArray(int element, int termBlock, int group) {
        return (element * termBlocks + termBlock) * groups + group;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        WinogradScratch s = WinogradScratch.take(
                linePixels(blocks.rowTiles()) * inputs, ELEMENTS * termBlocks * groups, ELEMENTS * elementProducts());
        try {
            int transformed = -1;
            for (int part = from; part < to; part++) {
                int block = part / panelParts;
                if (block != transformed) {
                    transformInput(operands[0], block, s);
                    transformed = block;
                }
                int first = part % panelParts * partPanels;
                int end = Math.min(VectorPanels.panels(p.outputChannels()), first + partPanels);
                for (int panel = first; panel < end; panel++) {
                    WorkBudget.check();
                    multiply(operands[1], panel, blocks.tiles(block), s);
                    transformOutput(operands, block, panel, s);
                }
                if (epilogue != null) {
                    finish(operands, block, first * COLUMNS, Math.min(p.outputChannels(), end * COLUMNS), scratch);
                }
            }
        } finally {
            s.give();
        }
    }

    private void transformInput(MemorySegment x, int block, WinogradScratch s) {
        int count = blocks.tileCount(block);
        int left = p.window().columns().start(blocks.firstTile(block) * OUTPUT);
        for (int i = 0; i < blocks.rowCount(block); i++) {
            int row = blocks.firstRow(block) + i;
            int top = p.window().rows().start(row % blocks.tileRows() * OUTPUT);
            for (int j = 0; j < INPUT; j++) {
                copyLine(x, row / blocks.tileRows(), top + j, left, linePixels(count), s.lines[j]);
            }
            for (int j = 0; j < count; j++) {
                transformTile(i * count + j, j * OUTPUT * inputs, s);
            }
        }
    }

    /** Copies pixels of a line of an image, with zeros for those outside of it. */
    private void copyLine(MemorySegment x, int image, int line, int left, int pixels, float[] to) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        boolean inside = line >= 0 && line < r.input();
        int begin = Math.clamp(-left, 0, pixels);
        int end = inside ? Math.clamp(c.input() - left, begin, pixels) : begin;
        long from = ((long) image * r.input() + line) * c.input() + left + begin;
        Arrays.fill(to, 0, begin * inputs, 0);
        if (end > begin) {
            MemorySegment.copy(x, F32, from * inputs * Float.BYTES, to, begin * inputs, (end - begin) * inputs);
        }
        Arrays.fill(to, end * inputs, pixels * inputs, 0);
    }

    /** Transforms a tile of the lines. Channels beyond the last one have any values: no product reads them. */
    private void transformTile(int tile, int from, WinogradScratch s) {
        int elementArrays = termBlocks * groups;
        for (int c = 0; c < inputs; c += LANES) {
            WinogradTransform.input(s.lines, from + c, inputs, s.columns, 0, 0, 1, 0, LANES);
            int first = tileArray(0, c / GemmTile.DEPTH, tile / ROWS);
            int at = tile % ROWS * GemmTile.ROW + c % GemmTile.DEPTH;
            WinogradTransform.input(s.columns, 0, LANES, s.tiles, first, elementArrays, INPUT * elementArrays, at, 0);
        }
    }

    /** Multiplies the matrices of all elements by a panel of the weights. */
    private void multiply(MemorySegment weights, int panel, int tiles, WinogradScratch s) {
        long matrixBytes = VectorPanels.byteSize(inputs, p.outputChannels());
        for (int e = 0; e < ELEMENTS; e++) {
            for (int b = 0; b < termBlocks; b++) {
                int terms = Math.min(GemmTile.DEPTH, inputs - b * GemmTile.DEPTH);
                long from = e * matrixBytes + VectorPanels.offset(inputs, panel, b * GemmTile.DEPTH);
                for (int tile = 0; tile < tiles; tile += ROWS) {
                    float[] a = s.tiles[tileArray(e, b, tile / ROWS)];
                    int at = e * elementProducts() + tile * COLUMNS;
                    int rows = Math.min(ROWS, tiles - tile);
                    if (b == 0) {
                        GemmTile.multiply(rows, a, weights, from, PANEL_ROW_BYTES, terms, s.products, at);
                    } else {
                        GemmTile.multiply(rows, a, weights, from, terms, s.product);
                        WinogradTransform.add(s.product, s.products, at, rows * COLUMNS);
                    }
                }
            }
        }
    }

    private void transformOutput(MemorySegment[] operands, int block, int panel, WinogradScratch s) {
        int channel = panel * COLUMNS;
        int channels = Math.min(COLUMNS, p.outputChannels() - channel);
        if (p.bias() < 0) {
            Arrays.fill(s.bias, 0);
        } else {
            MemorySegment.copy(operands[p.bias()], F32, (long) channel * Float.BYTES, s.bias, 0, channels);
        }
        int step = elementProducts();
        int count = blocks.tileCount(block);
        for (int tile = 0; tile < blocks.tiles(block); tile++) {
            for (int c = 0; c < channels; c += LANES) {
                int from = tile * COLUMNS + c;
                WinogradTransform.output(s.products, from, INPUT * step, step, INPUT, s.rows, 0, LANES, OUTPUT * LANES);
                WinogradTransform.output(
                        s.rows, 0, OUTPUT * LANES, LANES, OUTPUT, s.pixels, c, COLUMNS, OUTPUT * COLUMNS);
            }
            int column = (blocks.firstTile(block) + tile % count) * OUTPUT;
            store(operands[p.output()], blocks.firstRow(block) + tile / count, column, channel, channels, s);
        }
    }

    /** Writes those pixels of a tile that are in the image. */
    private void store(MemorySegment y, int row, int column, int channel, int channels, WinogradScratch s) {
        int pixels = Math.min(OUTPUT, p.window().columns().output() - column);
        for (int i = 0; i < lines(row); i++) {
            long at = byteOffset(row, i, column, channel);
            long pixelBytes = (long) problem.pixelStride() * Float.BYTES;
            WinogradTransform.store(
                    s.pixels, i * OUTPUT * COLUMNS, COLUMNS, s.bias, pixels, channels, y, at, pixelBytes);
        }
    }

    /** The lines of the result that a line of tiles has. */
    private int lines(int row) {
        return Math.min(OUTPUT, p.window().rows().output() - row % blocks.tileRows() * OUTPUT);
    }

    /** The offset of an element of the result. */
    private long byteOffset(int row, int line, int column, int channel) {
        long above = (long) row / blocks.tileRows() * p.window().rows().output()
                + (long) row % blocks.tileRows() * OUTPUT
                + line;
        long pixel = above * p.window().columns().output() + column;
        return (pixel * problem.pixelStride() + channel) * Float.BYTES;
    }

    /** Applies the epilogue to some channels of a block. */
    private void finish(MemorySegment[] operands, int block, int channel, int end, MemorySegment scratch) {
        int column = blocks.firstTile(block) * OUTPUT;
        int pixels =
                Math.min(blocks.tileCount(block) * OUTPUT, p.window().columns().output() - column);
        for (int row = blocks.firstRow(block); row < blocks.firstRow(block) + blocks.rowCount(block); row++) {
            for (int i = 0; i < lines(row); i++) {
                long at = byteOffset(row, i, column, channel);
                epilogue.apply(
                        operands[p.output()], at, pixels, end - channel, problem.pixelStride(), operands, scratch);
            }
        }
    }
}
