package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradLayout;
import dev.tenon.kernel.conv.WinogradPoints;
import dev.tenon.kernel.vector.Interleave;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution of float32 planes with 3 x 3 windows by Winograd's minimal filtering. Tiles of the input are transformed;
 * each of their elements makes a matrix {@code [inputs, tiles]}, which is multiplied by the matrix of the same element
 * of the weights, packed in {@link WinogradLayout}; the products are transformed into tiles of the output.
 *
 * <p>A part is some rows of tiles and some output channels of one group of one instance. {@link WinogradPoints}
 * describes the error of a result and the effect of elements that are not finite.
 */
public final class VectorWinograd implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;

    private static final int TARGET_PARTS = 8;
    private static final int MIN_ROWS = 48;

    private final ConvProblem p;
    private final int outputTile;
    private final int tileElements;
    private final PolyphaseBlock inputBlock;
    private final int tilesPerRow;
    private final int tileRows;
    private final int blockRows;
    private final int blocks;
    private final int partRows;
    private final int rowBlocks;

    /** The tiles of a part, padded to whole vectors. */
    private final int partTiles;

    private final int inputs;
    private final int blockDepth;
    private final int[] channelOffsets;
    private final TileEpilogue epilogue;

    private VectorWinograd(ConvProblem p, Tiling tiling) {
        this.p = p;
        outputTile = p.winogradTile();
        tileElements = (outputTile + 2) * (outputTile + 2);
        inputs = p.inputChannels();
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        tileRows = Math.ceilDiv(r.output(), outputTile);
        tilesPerRow = Math.ceilDiv(c.output(), outputTile);
        int most = 1;
        while (most < tileRows && tiling.planesFitL2(tileElements * vectorBytes((most + 1) * tilesPerRow) * inputs)) {
            most++;
        }
        blockRows = Math.ceilDiv(tileRows, Math.ceilDiv(tileRows, most));
        blocks = Math.ceilDiv(tileRows, blockRows);
        partTiles = (int) (vectorBytes(blockRows * tilesPerRow) / Float.BYTES);
        Window2d tiles = new Window2d(
                new Window2d.Axis(r.input(), outputTile + 2, tileRows, outputTile, 1, r.padBegin(), 0),
                new Window2d.Axis(c.input(), outputTile + 2, tilesPerRow, outputTile, 1, c.padBegin(), 0));
        inputBlock = new PolyphaseBlock(tiles, blockRows);
        blockDepth = Math.ceilDiv(inputs, Math.ceilDiv(inputs, GemmTile.DEPTH));
        channelOffsets = new int[blockDepth];
        Arrays.setAll(channelOffsets, i -> i * partTiles * Float.BYTES);
        int planes = p.instances() * p.groups();
        int wanted = Math.ceilDiv(TARGET_PARTS, Math.max(1, Math.min(TARGET_PARTS, planes * blocks)));
        int cuts = Math.clamp(p.outputChannels() / MIN_ROWS, 1, wanted);
        partRows = Math.min(
                p.outputChannels(),
                Math.ceilDiv(Math.ceilDiv(p.outputChannels(), cuts), GemmTile.ROWS) * GemmTile.ROWS);
        rowBlocks = Math.ceilDiv(p.outputChannels(), partRows);
        Math.multiplyExact(Math.multiplyExact(planes, blocks), rowBlocks);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    private static long vectorBytes(int tiles) {
        return Math.ceilDiv(tiles, LANES) * VECTOR;
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution with transformed weights
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorWinograd(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(
                epilogue, "conv_f32_winograd" + outputTile + "x" + outputTile + "_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return "lines " + blockRows;
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * blocks * rowBlocks;
    }

    @Override
    public long partNanos() {
        return 1
                + (long) tileElements
                        * partTiles
                        * (inputs * (long) partRows / (3L * LANES) + (inputs + partRows) / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    // Scratch memory: a plane, beyond which a vector may read; transformed tiles; rows of output.

    private long tilesOffset() {
        return (inputBlock.byteSize + VECTOR + 63) & -64;
    }

    /** Bytes from an element of transformed tiles to the next. A vector may write beyond its last row. */
    private long elementBytes() {
        return (long) inputs * partTiles * Float.BYTES + VECTOR;
    }

    private long linesOffset() {
        return tilesOffset() + tileElements * elementBytes() + VECTOR;
    }

    // Products are stored in an array, in the order in which tiles of them are computed.

    private int elementProducts() {
        return Math.ceilDiv(partTiles, COLUMNS) * GemmTile.ROWS * COLUMNS;
    }

    private long lineBytes() {
        return (long) partTiles * outputTile * Float.BYTES;
    }

    private long kernelScratchBytes() {
        return linesOffset() + outputTile * lineBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int loaded = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int tiles = part / rowBlocks;
                if (tiles != loaded) {
                    transformInput(operands[0], tiles / blocks, tiles % blocks, scratch, arrays);
                    loaded = tiles;
                }
                int row = part % rowBlocks * partRows;
                int end = Math.min(p.outputChannels(), row + partRows);
                for (int r = row; r < end; r += GemmTile.ROWS) {
                    multiply(operands[1], tiles / blocks % p.groups(), r, tiles % blocks, scratch, arrays);
                    transformOutput(
                            operands,
                            tiles / blocks,
                            r,
                            Math.min(GemmTile.ROWS, end - r),
                            tiles % blocks,
                            scratch,
                            arrays);
                }
            }
        } finally {
            arrays.give();
        }
    }

    private int tileRowsIn(int index) {
        return Math.min(blockRows, tileRows - index * blockRows);
    }

    /**
     * Transforms the tiles of a block. A vector of tiles may write beyond the end of a row; the next row overwrites
     * that.
     */
    private void transformInput(MemorySegment x, int group, int index, MemorySegment scratch, GemmScratch g) {
        long pixels = p.window().pixels() * Float.BYTES;
        int lines = tileRowsIn(index);
        long row = (long) tilesPerRow * Float.BYTES;
        for (int c = 0; c < inputs; c++) {
            long plane = ((long) group * inputs + c) * pixels;
            inputBlock.load(x, plane, index * blockRows, lines, scratch, 0);
            long to = tilesOffset() + (long) c * partTiles * Float.BYTES;
            for (int i = 0; i < lines; i++) {
                long from = (long) i * inputBlock.pitch * Float.BYTES;
                for (long j = 0; j < row; j += VECTOR) {
                    if (outputTile == 4) {
                        WinogradTransform.input4(
                                scratch,
                                from + j,
                                inputBlock.tapOffsets,
                                g.lanes,
                                scratch,
                                to + i * row + j,
                                elementBytes());
                    } else {
                        WinogradTransform.input2(
                                scratch,
                                from + j,
                                inputBlock.tapOffsets,
                                g.lanes,
                                scratch,
                                to + i * row + j,
                                elementBytes());
                    }
                }
            }
        }
    }

    /** Multiplies some rows of all matrices. */
    private void multiply(MemorySegment w, int group, int row, int index, MemorySegment scratch, GemmScratch g) {
        int tiles = (int) (vectorBytes(tileRowsIn(index) * tilesPerRow) / Float.BYTES);
        int count = Math.min(GemmTile.ROWS, p.outputChannels() - row);
        long weightRow = Math.ceilDiv(inputs, LANES) * VECTOR;
        long block = (long) group * Math.ceilDiv(p.outputChannels(), GemmTile.ROWS) + row / GemmTile.ROWS;
        float[] products = g.elements(tileElements * elementProducts());
        for (int e = 0; e < tileElements; e++) {
            long weights = (block * tileElements + e) * GemmTile.ROWS * weightRow;
            for (int k = 0; k < inputs; k += blockDepth) {
                int n = Math.min(blockDepth, inputs - k);
                loadWeights(w, weights + (long) k * Float.BYTES, weightRow, count, n, g.rows);
                long v = tilesOffset() + e * elementBytes() + (long) k * partTiles * Float.BYTES;
                for (int j = 0; j < tiles; j += COLUMNS) {
                    boolean half = tiles - j < COLUMNS;
                    long at = v + (long) j * Float.BYTES;
                    int to = e * elementProducts() + j * GemmTile.ROWS;
                    long step = (long) partTiles * Float.BYTES;
                    if (half) {
                        DirectConvTile.multiplyHalf(count, g.rows, scratch, at, channelOffsets, 0, n, g.tile);
                        WinogradTransform.storeProducts(g.tile, count, k > 0, products, to);
                    } else if (k > 0) {
                        GemmTile.multiply(count, g.rows, scratch, at, step, n, g.tile, 0);
                        WinogradTransform.storeProducts(g.tile, count, true, products, to);
                    } else {
                        GemmTile.multiply(count, g.rows, scratch, at, step, n, products, to);
                    }
                }
            }
        }
    }

    /** Copies rows of weights to the array that {@link GemmTile} reads. */
    private static void loadWeights(MemorySegment w, long from, long rowBytes, int count, int n, float[] to) {
        w = NATIVE.cast(w);
        for (int r = 0; r < count; r++) {
            long at = from + r * rowBytes;
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, w, at + (long) i * Float.BYTES, ORDER))
                        .intoArray(to, r * GemmTile.ROW + i);
            }
            for (; i < n; i++) {
                to[r * GemmTile.ROW + i] = w.get(SCALAR, at + (long) i * Float.BYTES);
            }
        }
    }

    /** Transforms the products of some rows and writes them to the output. */
    private void transformOutput(
            MemorySegment[] operands, int group, int row, int count, int index, MemorySegment scratch, GemmScratch g) {
        int lines = tileRowsIn(index);
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        int first = index * blockRows * outputTile;
        int end = Math.min(height, first + lines * outputTile);
        MemorySegment y = operands[p.output()];
        long planeBytes = (long) height * width * Float.BYTES;
        float[] products = g.elements(tileElements * elementProducts());
        long yAt = ((long) group * p.outputChannels() + row) * planeBytes + (long) first * width * Float.BYTES;
        for (int r = 0; r < count; r++) {
            long channel = (long) group % p.groups() * p.outputChannels() + row + r;
            Arrays.fill(g.start, 0, LANES, p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, channel * Float.BYTES));
            for (int j = 0; j < lines * tilesPerRow; j += LANES) {
                int at = j / COLUMNS * GemmTile.ROWS * COLUMNS + r * COLUMNS + j % COLUMNS;
                if (outputTile == 4) {
                    WinogradTransform.output4(products, at, elementProducts(), g.lanes, g.start, 0);
                } else {
                    WinogradTransform.output2(products, at, elementProducts(), g.lanes, g.start, 0);
                }
                for (int i = 0; i < outputTile; i++) {
                    Interleave.write(
                            g.lanes,
                            (36 - outputTile * outputTile + i * outputTile) * LANES,
                            outputTile,
                            scratch,
                            linesOffset() + i * lineBytes() + (long) j * outputTile * Float.BYTES);
                }
            }
            long to = yAt + r * planeBytes;
            for (int line = first; line < end; line++) {
                int i = line - first;
                long from = linesOffset()
                        + i % outputTile * lineBytes()
                        + (long) (i / outputTile) * tilesPerRow * outputTile * Float.BYTES;
                StridedCopy.copy(scratch, from, 1, y, to + (long) i * width * Float.BYTES, width);
            }
        }
        if (epilogue != null) {
            long windows = p.window().windows();
            epilogue.apply(y, yAt, count, (end - first) * width, windows, operands, scratch);
        }
    }
}
