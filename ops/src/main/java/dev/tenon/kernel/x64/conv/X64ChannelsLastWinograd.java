package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradBlocks;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.gemm.BlockProduct;
import dev.tenon.kernel.x64.gemm.TileArgument;
import dev.tenon.kernel.x64.gemm.TileBlock;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Channels-last convolution of float32 images with 3 x 3 windows by Winograd's minimal filtering, in machine code. Tiles of the
 * input are transformed; each of their elements makes a matrix {@code [tiles, inputs]}, which is multiplied by the matrix
 * {@code [inputs, outputs]} of the same element of the weights; the products are transformed into tiles of the output. {@link
 * dev.tenon.kernel.conv.WinogradPoints} describes the error of a result and the effect of elements that are not finite.
 *
 * <p>A part is a block of tiles and some channels of the output.
 */
public final class X64ChannelsLastWinograd implements Kernel {
    private static final int PANEL_VECTORS = 2;

    /** The panels whose products exist at a time. */
    private static final int PASS_PANELS = 2;

    private static final int TARGET_PARTS = 8;

    /** Weights of more bytes are read as seldom as possible. */
    private static final long MAX_NEAR_WEIGHTS = 1 << 19;

    /** The bytes of transformed tiles and products of a block, if weights are near and if they are not. */
    private static final long NEAR_BLOCK = 3 << 17;

    private static final long FAR_BLOCK = 3 << 18;

    private static final int LINE = 64;
    private static final double[] INPUT_CONSTANTS = WinogradLines.inputConstants();
    private static final double[] OUTPUT_CONSTANTS = WinogradLines.outputConstants();

    private final ChannelsLastConvProblem problem;
    private final ConvProblem p;
    private final int bits;
    private final Caches caches;

    /** Whether the weights stay in the second-level cache. */
    private final boolean near;

    private final int lanes;
    private final int tile;
    private final int inputTile;
    private final int elements;
    private final int paddedInputs;
    private final int panelColumns;
    private final int passColumns;
    private final int columnParts;
    private final int partColumns;
    private final WinogradBlocks blocks;
    private final PaddedLines lines;
    private final BlockProduct product;
    private final BlockProduct lastProduct;
    private final NativeFunction input;
    private final NativeFunction output;
    private final TileEpilogue epilogue;

    private X64ChannelsLastWinograd(ChannelsLastConvProblem problem, int bits, Caches caches) {
        this.problem = problem;
        this.bits = bits;
        this.caches = caches;
        p = problem.conv();
        lanes = bits / Float.SIZE;
        tile = problem.weights().tile();
        inputTile = tile + 2;
        elements = inputTile * inputTile;
        paddedInputs = Math.ceilDiv(p.inputChannels(), lanes) * lanes;
        panelColumns = PANEL_VECTORS * lanes;
        int panels = Math.ceilDiv(p.outputChannels(), panelColumns);
        passColumns = Math.min(panels, PASS_PANELS) * panelColumns;
        near = elements * matrixBytes() <= caches.partOfL2(MAX_NEAR_WEIGHTS);
        long tileBytes = (long) elements * (paddedInputs + passColumns) * Float.BYTES;
        int maxRows = BlockProduct.maxFloatRows(bits);
        long wanted = Math.max(maxRows, caches.partOfL2(near ? NEAR_BLOCK : FAR_BLOCK) / tileBytes);
        blocks = WinogradBlocks.of(p, tile, Math.toIntExact(wanted));
        int passes = Math.ceilDiv(p.outputChannels(), passColumns);
        int parts = Math.clamp(Math.ceilDiv(TARGET_PARTS, blocks.blocks()), 1, passes);
        partColumns = Math.ceilDiv(passes, parts) * passColumns;
        columnParts = Math.ceilDiv(p.outputChannels(), partColumns);
        lines = new PaddedLines(p);
        product = BlockProduct.ofFloats(bits, blocks.maxTiles());
        int lastTiles = blocks.tiles(blocks.blocks() - 1);
        lastProduct = lastTiles == blocks.maxTiles() ? product : BlockProduct.ofFloats(bits, lastTiles);
        input = function("input", false);
        output = function("output", true);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes());
    }

    private NativeFunction function(String name, boolean products) {
        String id = "winograd_f32_" + name + tile + (bits == 512 ? "_avx512" : "_avx2");
        return KernelCode.of(id, () -> new WinogradEmitter(bits, tile, products).emit());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group with transformed weights, in panels of two vectors
     * @param bits the width of vectors: 256 or 512
     * @param caches the caches of a core
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, int bits, Caches caches) {
        return new X64ChannelsLastWinograd(p, bits, caches);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_winograd" + tile + "x" + tile + "_x64_" + product.tile());
    }

    @Override
    public int parts() {
        return Math.multiplyExact(blocks.blocks(), columnParts);
    }

    @Override
    public long partNanos() {
        double columns = Math.min(partColumns, p.outputChannels());
        double work = (double) elements * blocks.maxTiles() * (p.inputChannels() * columns + lanes * columns);
        return 1 + (long) (work / Ratios.multiplyAddsPerNano(lanes));
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, 1);
        return part == null ? null : new X64ChannelsLastWinograd(part, bits, caches);
    }

    // Scratch memory: arguments of products and of transforms, lines of the input, transformed tiles, products, and
    // tiles of the
    // output that reach over its border. A line more separates the matrices of the elements, so that stores to them do
    // not
    // map to one cache set.

    private static long aligned(long bytes) {
        return (bytes + LINE - 1) / LINE * LINE;
    }

    private static long argumentsOffset() {
        return TileArgument.BYTES;
    }

    private static long linesOffset() {
        return argumentsOffset() + WinogradArgument.BYTES;
    }

    private long linePixels(int tiles) {
        return (tiles - 1L) * tile + inputTile;
    }

    private long pixelBytes() {
        return (long) p.inputChannels() * Float.BYTES;
    }

    private long tilesOffset() {
        long lineBytes = linePixels(blocks.rowTiles()) * pixelBytes();
        return linesOffset() + aligned(inputTile * lineBytes + LINE);
    }

    private long tileElementBytes() {
        return aligned((long) blocks.maxTiles() * paddedInputs * Float.BYTES) + LINE;
    }

    private long productsOffset() {
        return tilesOffset() + elements * tileElementBytes();
    }

    private long productElementBytes() {
        return aligned((long) blocks.maxTiles() * passColumns * Float.BYTES) + LINE;
    }

    private long borderOffset() {
        return productsOffset() + elements * productElementBytes();
    }

    private long borderLineBytes() {
        return (long) blocks.rowTiles() * tile * passColumns * Float.BYTES;
    }

    private long ownScratchBytes() {
        return borderOffset() + tile * borderLineBytes();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands);
        setCommon(scratch);
        int transformed = -1;
        try {
            for (int part = from; part < to; part++) {
                int block = part / columnParts;
                if (block != transformed) {
                    transformInput(operands[0], block, scratch);
                    transformed = block;
                }
                int first = part % columnParts * partColumns;
                int end = Math.min(p.outputChannels(), first + partColumns);
                for (int column = first; column < end; column += passColumns) {
                    int columns = Math.min(passColumns, end - column);
                    multiply(operands[1].address(), block, column, columns, scratch);
                    transformOutput(operands, block, column, columns, scratch);
                }
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        long results = (p.instances() * p.window().windows() - 1) * problem.pixelStride() + p.outputChannels();
        check(operands[0], p.instances() * p.window().pixels() * pixelBytes());
        check(operands[1], elements * matrixBytes());
        check(operands[p.output()], results * Float.BYTES);
        if (p.bias() >= 0) {
            check(operands[p.bias()], (long) p.outputChannels() * Float.BYTES);
        }
    }

    private static void check(MemorySegment segment, long bytes) {
        Objects.checkFromIndexSize(0, bytes, segment.byteSize());
    }

    private long panelBytes() {
        return pixelBytes() * panelColumns;
    }

    private long matrixBytes() {
        return Math.ceilDiv(p.outputChannels(), panelColumns) * panelBytes();
    }

    private void setCommon(MemorySegment scratch) {
        TileBlock.clear(scratch);
        TileBlock.set(scratch, TileArgument.A_ROW, (long) paddedInputs * Float.BYTES);
        TileBlock.set(scratch, TileArgument.B_PANEL, panelBytes());
        TileBlock.set(scratch, TileArgument.C_ROW, (long) passColumns * Float.BYTES);
        TileBlock.setTerms(scratch, p.inputChannels());
        TileBlock.set(scratch, TileArgument.SEGMENTS, 1);
        WinogradArgument.LEAST.set(scratch, argumentsOffset(), problem.lower());
        WinogradArgument.GREATEST.set(scratch, argumentsOffset(), problem.upper());
    }

    private static void set(MemorySegment scratch, WinogradArgument argument, long value) {
        argument.set(scratch, argumentsOffset(), value);
    }

    private static void setConstants(MemorySegment scratch, double[] constants) {
        for (int i = 0; i < constants.length; i++) {
            WinogradArgument.setConstant(scratch, argumentsOffset(), i, constants[i]);
        }
    }

    private void transformInput(MemorySegment x, int block, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        int count = blocks.tileCount(block);
        int left = c.start(blocks.firstTile(block) * tile);
        long pixels = linePixels(count);
        setConstants(scratch, INPUT_CONSTANTS);
        set(scratch, WinogradArgument.X_LINE, pixels * pixelBytes());
        set(scratch, WinogradArgument.X_PIXEL, pixelBytes());
        set(scratch, WinogradArgument.X_TILE, tile * pixelBytes());
        set(scratch, WinogradArgument.Y_LINE, inputTile * tileElementBytes());
        set(scratch, WinogradArgument.Y_PIXEL, tileElementBytes());
        set(scratch, WinogradArgument.Y_TILE, (long) paddedInputs * Float.BYTES);
        set(scratch, WinogradArgument.TILES, count);
        set(scratch, WinogradArgument.VECTORS, paddedInputs / lanes);
        for (int i = 0; i < blocks.rowCount(block); i++) {
            int row = blocks.firstRow(block) + i;
            int top = r.start(row % blocks.tileRows() * tile);
            lines.copy(x, row / blocks.tileRows(), top, inputTile, left, pixels, scratch, linesOffset());
            long first = (long) i * count * paddedInputs * Float.BYTES;
            set(scratch, WinogradArgument.X, scratch.address() + linesOffset());
            set(scratch, WinogradArgument.Y, scratch.address() + tilesOffset() + first);
            input.call(scratch.address() + argumentsOffset());
        }
    }

    /** Multiplies the matrices of all elements with some columns of the weights. */
    private void multiply(long weights, int block, int column, int columns, MemorySegment scratch) {
        BlockProduct own = blocks.tiles(block) == blocks.maxTiles() ? product : lastProduct;
        int whole = Math.ceilDiv(columns, lanes) * lanes;
        long panel = column / panelColumns * panelBytes();
        for (int e = 0; e < elements; e++) {
            TileBlock.set(scratch, TileArgument.A, scratch.address() + tilesOffset() + e * tileElementBytes());
            TileBlock.set(scratch, TileArgument.B, weights + e * matrixBytes() + panel);
            TileBlock.set(scratch, TileArgument.C, scratch.address() + productsOffset() + e * productElementBytes());
            TileBlock.set(scratch, TileArgument.FIRST_COLUMN, 0);
            if (!near) {
                own.prefetch(scratch, weights + (e + 1) * matrixBytes() + panel, 1);
            }
            own.run(scratch, whole);
        }
    }

    private void transformOutput(MemorySegment[] operands, int block, int column, int columns, MemorySegment scratch) {
        int vectors = Math.ceilDiv(columns, lanes);
        setConstants(scratch, OUTPUT_CONSTANTS);
        set(scratch, WinogradArgument.X_LINE, inputTile * productElementBytes());
        set(scratch, WinogradArgument.X_PIXEL, productElementBytes());
        set(scratch, WinogradArgument.X_TILE, (long) passColumns * Float.BYTES);
        set(scratch, WinogradArgument.VECTORS, vectors);
        long bias = p.bias() < 0 ? 0 : operands[p.bias()].address() + (long) column * Float.BYTES;
        set(scratch, WinogradArgument.BIAS, bias);
        WinogradArgument.setMask(scratch, argumentsOffset(), columns - (vectors - 1) * lanes, bits);
        int width = p.window().columns().output();
        int first = blocks.firstTile(block);
        int count = blocks.tileCount(block);
        int pixels = Math.min(count * tile, width - first * tile);
        for (int i = 0; i < blocks.rowCount(block); i++) {
            int row = blocks.firstRow(block) + i;
            int top = row % blocks.tileRows() * tile;
            int height = Math.min(tile, p.window().rows().output() - top);
            long line = (long) row / blocks.tileRows() * p.window().rows().output() + top;
            long at = ((line * width + (long) first * tile) * problem.pixelStride() + column) * Float.BYTES;
            int whole = height < tile ? 0 : pixels / tile;
            MemorySegment y = operands[p.output()];
            if (whole > 0) {
                outputTiles(i * count, whole, y.address() + at, problem.pixelStride(), width, scratch);
            }
            if (whole < count) {
                int done = whole * tile;
                int own = (count - whole) * tile;
                long border = scratch.address() + borderOffset();
                outputTiles(i * count + whole, count - whole, border, passColumns, own, scratch);
                long to = at + (long) done * problem.pixelStride() * Float.BYTES;
                copyBorder(scratch, own, y, to, height, pixels - done, columns);
            }
            for (int j = 0; j < height && epilogue != null; j++) {
                long to = at + (long) j * width * problem.pixelStride() * Float.BYTES;
                epilogue.apply(y, to, pixels, columns, problem.pixelStride(), operands, scratch);
            }
        }
    }

    /** Transforms the products of neighbouring tiles into pixels at an address. */
    private void outputTiles(
            int firstTile, int count, long address, long pixel, long linePixels, MemorySegment scratch) {
        long from = productsOffset() + (long) firstTile * passColumns * Float.BYTES;
        set(scratch, WinogradArgument.X, scratch.address() + from);
        set(scratch, WinogradArgument.Y, address);
        set(scratch, WinogradArgument.Y_LINE, linePixels * pixel * Float.BYTES);
        set(scratch, WinogradArgument.Y_PIXEL, pixel * Float.BYTES);
        set(scratch, WinogradArgument.Y_TILE, tile * pixel * Float.BYTES);
        set(scratch, WinogradArgument.TILES, count);
        output.call(scratch.address() + argumentsOffset());
    }

    /** Copies those pixels of tiles that are in the output. */
    private void copyBorder(
            MemorySegment scratch, int linePixels, MemorySegment y, long at, int height, int pixels, int columns) {
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < pixels; j++) {
                long from = borderOffset() + ((long) i * linePixels + j) * passColumns * Float.BYTES;
                long pixel = (long) i * p.window().columns().output() + j;
                long to = at + pixel * problem.pixelStride() * Float.BYTES;
                MemoryMoves.copy(scratch, from, y, to, (long) columns * Float.BYTES);
            }
        }
    }
}
