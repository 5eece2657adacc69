package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradPoints;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.PairTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Channels-last convolution of float32 images with 3 x 3 windows by Winograd's minimal filtering. Tiles of the input
 * are transformed, a vector of channels at a time; each of their elements makes a matrix {@code [tiles, inputs]}, which
 * is multiplied by the matrix {@code [inputs, outputs]} of the same element of the weights; the products are
 * transformed into tiles of the output.
 *
 * <p>A part is some neighbouring tiles, perhaps of several instances, and some output channels. {@link WinogradPoints}
 * describes the error of a result and the effect of elements that are not finite.
 */
public final class VectorChannelsLastWinograd implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** The panels that rows of transformed tiles are multiplied with at a time. */
    private static final int PANELS_PER_PASS = 2;

    private static final int TARGET_PARTS = 8;

    /**
     * Images of up to so many bytes, with their padding, are copied as a whole; of larger ones only the tiles that
     * reach over the border are copied.
     */
    private static final long MAX_COPIED_PLANE_BYTES = 1 << 16;

    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    /** Bytes from a pixel of the result to the next. */
    private final long pixelBytes;

    private final float lower;
    private final float upper;
    private final int outputTile;
    private final int inputTile;
    private final int tileElements;
    private final int inputs;
    /** The input channels, padded to whole vectors. */
    private final int paddedInputs;

    private final int tilesPerRow;
    /** The tiles of an instance, of all instances, and of a part. */
    private final int tiles;

    private final int allTiles;

    private final int blockTiles;
    private final int blocks;
    /** The panels whose products exist at a time. */
    private final int passPanels;

    private final int partPanels;
    private final int panelParts;
    private final int depth;
    /** Whether the weights exceed the second-level cache. */
    private final boolean weightsExceedL2;

    /** Whether images are copied as a whole, or only tiles that reach over the border. */
    private final boolean copiesPlanes;
    /** The height and width of a copy in pixels. */
    private final int copyHeight;

    private final int copyWidth;
    /** The byte offsets of the elements of a tile in the input, and in a copy. */
    private final int[] inputOffsets;

    private final int[] copyOffsets;
    private final TileEpilogue epilogue;

    private VectorChannelsLastWinograd(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        pixelBytes = (long) problem.pixelStride() * Float.BYTES;
        outputTile = problem.weights().tile();
        lower = problem.lower();
        upper = problem.upper();
        inputTile = outputTile + 2;
        tileElements = inputTile * inputTile;
        inputs = p.inputChannels();
        paddedInputs = Math.ceilDiv(inputs, LANES) * LANES;
        tilesPerRow = Math.ceilDiv(p.window().columns().output(), outputTile);
        tiles = Math.ceilDiv(p.window().rows().output(), outputTile) * tilesPerRow;
        allTiles = Math.multiplyExact(p.instances(), tiles);
        int all = VectorPanels.panels(p.outputChannels());
        passPanels = Math.min(PANELS_PER_PASS, all);
        long weightBytes = tileElements * VectorPanels.byteSize(inputs, p.outputChannels());
        long tileBytes = (long) tileElements * (paddedInputs + passPanels * COLUMNS) * Float.BYTES;
        weightsExceedL2 = !tiling.filtersFitL2(weightBytes);
        int cut = Math.ceilDiv(allTiles, tiling.winogradTiles(tileBytes, weightBytes));
        blockTiles = Math.min(allTiles, Math.ceilDiv(Math.ceilDiv(allTiles, cut), GemmTile.ROWS) * GemmTile.ROWS);
        blocks = Math.ceilDiv(allTiles, blockTiles);
        int cuts = Math.clamp(Math.ceilDiv(TARGET_PARTS, blocks), 1, Math.ceilDiv(all, PANELS_PER_PASS));
        partPanels = Math.ceilDiv(all, cuts);
        panelParts = Math.ceilDiv(all, partPanels);
        Math.multiplyExact(blocks, panelParts);
        depth = Math.ceilDiv(inputs, Math.ceilDiv(inputs, GemmTile.DEPTH));
        long wholeHeight = (tiles / tilesPerRow - 1L) * outputTile + inputTile;
        long wholeWidth = (tilesPerRow - 1L) * outputTile + inputTile;
        copiesPlanes = wholeHeight * wholeWidth * inputs * Float.BYTES <= MAX_COPIED_PLANE_BYTES;
        copyHeight = copiesPlanes ? (int) wholeHeight : inputTile;
        copyWidth = copiesPlanes ? (int) wholeWidth : inputTile;
        inputOffsets = elementOffsets(p.window().columns().input());
        copyOffsets = elementOffsets(copyWidth);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /** The byte offsets of the elements of a tile from its first one, in an image of some width. */
    private int[] elementOffsets(int width) {
        int[] all = new int[tileElements];
        for (int i = 0; i < tileElements; i++) {
            long pixel = i / inputTile * (long) width + i % inputTile;
            all[i] = Math.toIntExact(pixel * inputs * Float.BYTES);
        }
        return all;
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group with transformed weights
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastWinograd(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(
                epilogue, "conv_f32_last_winograd" + outputTile + "x" + outputTile + "_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return "tiles " + blockTiles;
    }

    @Override
    public int parts() {
        return blocks * panelParts;
    }

    @Override
    public long partNanos() {
        long columns = (long) Math.min(p.outputChannels(), partPanels * COLUMNS);
        return 1 + (long) tileElements * blockTiles * (inputs * columns / (3L * LANES) + (inputs + columns) / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    // Scratch memory: a copy of an image or a tile, beyond which vectors may read or write, and transformed tiles. One
    // more vector separates the elements of tiles, so that stores to them do not map to one cache set.

    private long tilesOffset() {
        return (((long) copyHeight * copyWidth * inputs + paddedInputs) * Float.BYTES + VECTOR - 1) / VECTOR * VECTOR;
    }

    private long elementBytes() {
        return (long) blockTiles * paddedInputs * Float.BYTES + VECTOR;
    }

    private long kernelScratchBytes() {
        return tilesOffset() + tileElements * elementBytes();
    }

    // Products are stored in an array, in the order in which tiles of them are computed: element of input tiles, panel,
    // tile of products.

    private int panelElements() {
        return Math.ceilDiv(blockTiles, GemmTile.ROWS) * GemmTile.ROWS * COLUMNS;
    }

    private int elementProducts() {
        return passPanels * panelElements() + LANES;
    }

    private int products() {
        return tileElements * elementProducts();
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, LANES);
        return part == null ? null : new VectorChannelsLastWinograd(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int loadedBlock = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int block = part / panelParts;
                int first = block * blockTiles;
                int count = Math.min(blockTiles, allTiles - first);
                if (block != loadedBlock) {
                    transformInput(operands[0], first, count, scratch, arrays);
                    loadedBlock = block;
                }
                int panel = part % panelParts * partPanels;
                int end = Math.min(VectorPanels.panels(p.outputChannels()), panel + partPanels);
                for (; panel < end; panel += passPanels) {
                    int panelCount = Math.min(passPanels, end - panel);
                    multiply(operands[1], panel, panelCount, count, scratch, arrays);
                    transformOutput(operands, first, count, panel, panelCount, scratch, arrays);
                }
            }
        } finally {
            arrays.give();
        }
    }

    /** Transforms some tiles. */
    private void transformInput(MemorySegment x, int first, int count, MemorySegment scratch, GemmScratch g) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long pixelBytes = (long) inputs * Float.BYTES;
        long lastRead = inputOffsets[tileElements - 1] + (long) paddedInputs * Float.BYTES;
        int copiedInstance = -1;
        for (int i = first; i < first + count; i++) {
            int instance = i / tiles;
            int t = i - instance * tiles;
            int row = t / tilesPerRow * outputTile;
            int column = t % tilesPerRow * outputTile;
            long to = tilesOffset() + (long) (i - first) * paddedInputs * Float.BYTES;
            if (copiesPlanes) {
                if (instance != copiedInstance) {
                    copy(x, instance, -r.padBegin(), -c.padBegin(), scratch);
                    copiedInstance = instance;
                }
                transformInput(scratch, ((long) row * copyWidth + column) * pixelBytes, copyOffsets, scratch, to, g);
                continue;
            }
            int top = row - r.padBegin();
            int left = column - c.padBegin();
            long at = (((long) instance * r.input() + top) * c.input() + left) * pixelBytes;
            boolean inside = top >= 0
                    && left >= 0
                    && top + inputTile <= r.input()
                    && left + inputTile <= c.input()
                    && at + lastRead <= x.byteSize();
            if (inside) {
                transformInput(x, at, inputOffsets, scratch, to, g);
            } else {
                copy(x, instance, top, left, scratch);
                transformInput(scratch, 0, copyOffsets, scratch, to, g);
            }
        }
    }

    private void transformInput(
            MemorySegment x, long at, int[] offsets, MemorySegment scratch, long to, GemmScratch g) {
        for (int c = 0; c < paddedInputs; c += LANES) {
            long bytes = (long) c * Float.BYTES;
            if (outputTile == 4) {
                WinogradTransform.input4(x, at + bytes, offsets, g.lanes, scratch, to + bytes, elementBytes());
            } else {
                WinogradTransform.input2(x, at + bytes, offsets, g.lanes, scratch, to + bytes, elementBytes());
            }
        }
    }

    /**
     * Copies a part of an image, with zeros for pixels outside of it. A vector may write beyond the end of a run; later
     * writes overwrite that.
     */
    private void copy(MemorySegment source, int instance, int top, int left, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long pixelBytes = (long) inputs * Float.BYTES;
        int begin = Math.clamp(-left, 0, copyWidth);
        int end = Math.clamp(c.input() - left, begin, copyWidth);
        for (int i = 0; i < copyHeight; i++) {
            int line = top + i;
            long to = (long) i * copyWidth * pixelBytes;
            if (line < 0 || line >= r.input()) {
                zero(scratch, to, copyWidth * pixelBytes);
            } else {
                long from = (((long) instance * r.input() + line) * c.input() + left + begin) * pixelBytes;
                zero(scratch, to, begin * pixelBytes);
                copy(source, from, scratch, to + begin * pixelBytes, (end - begin) * pixelBytes);
                zero(scratch, to + end * pixelBytes, (copyWidth - end) * pixelBytes);
            }
        }
    }

    private static void zero(MemorySegment scratch, long at, long bytes) {
        scratch = NATIVE.cast(scratch);
        for (long i = 0; i < bytes; i += VECTOR) {
            FLOATS.cast(FloatVector.zero(F32)).intoMemorySegment(scratch, at + i, ORDER);
        }
    }

    /** Copies elements in whole vectors, as long as a vector does not read beyond the source. */
    private static void copy(MemorySegment source, long from, MemorySegment scratch, long to, long bytes) {
        source = NATIVE.cast(source);
        scratch = NATIVE.cast(scratch);
        long i = 0;
        for (long whole = Math.min(bytes, source.byteSize() - from - VECTOR + 1); i < whole; i += VECTOR) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + i, ORDER))
                    .intoMemorySegment(scratch, to + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            scratch.set(SCALAR, to + i, source.get(SCALAR, from + i));
        }
    }

    /** Multiplies all matrices of transformed tiles with some panels of weights. */
    private void multiply(MemorySegment w, int panel, int panelCount, int count, MemorySegment scratch, GemmScratch g) {
        long matrix = VectorPanels.byteSize(inputs, p.outputChannels());
        long tileRow = (long) paddedInputs * Float.BYTES;
        float[] products = g.elements(products());
        for (int e = 0; e < tileElements; e++) {
            long from = tilesOffset() + e * elementBytes();
            for (int k = 0; k < inputs; k += depth) {
                int n = Math.min(depth, inputs - k);
                for (int t = 0; t < count; t += GemmTile.ROWS) {
                    int rows = Math.min(GemmTile.ROWS, count - t);
                    loadRows(scratch, from + t * tileRow + (long) k * Float.BYTES, tileRow, rows, n, g.rows);
                    // The first rows load weights from beyond the second-level cache if there are many.
                    int pairs = t == 0 && weightsExceedL2 && PairTile.isFaster(count, true) ? panelCount & ~1 : 0;
                    for (int i = 0; i < panelCount; i += i < pairs ? 2 : 1) {
                        long at = e * matrix + VectorPanels.offset(inputs, panel + i, k);
                        int to = e * elementProducts() + i * panelElements() + t * COLUMNS;
                        if (i < pairs) {
                            long other = at + VectorPanels.panelBytes(inputs);
                            PairTile.multiply(rows, g.rows, w, at, other, n, g.tile, g.second);
                            WinogradTransform.storeProducts(g.tile, rows, k > 0, products, to);
                            WinogradTransform.storeProducts(g.second, rows, k > 0, products, to + panelElements());
                        } else if (k > 0) {
                            GemmTile.multiply(rows, g.rows, w, at, n, g.tile);
                            WinogradTransform.storeProducts(g.tile, rows, true, products, to);
                        } else {
                            GemmTile.multiply(rows, g.rows, w, at, 2 * VECTOR, n, products, to);
                        }
                    }
                }
            }
        }
    }

    /**
     * Copies rows to the array that {@link GemmTile} reads. One loop for all rows, because a row may have only two
     * vectors.
     */
    private static void loadRows(MemorySegment s, long from, long rowBytes, int count, int n, float[] to) {
        s = NATIVE.cast(s);
        int vectors = Math.ceilDiv(n, LANES);
        long skip = rowBytes - vectors * VECTOR;
        int rowSkip = GemmTile.ROW - vectors * LANES;
        long at = from;
        int index = 0;
        int left = vectors;
        for (int i = count * vectors; i > 0; i--) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at, ORDER)).intoArray(to, index);
            at += VECTOR;
            index += LANES;
            if (--left == 0) {
                left = vectors;
                at += skip;
                index += rowSkip;
            }
        }
    }

    /** Transforms products into tiles of the output. */
    private void transformOutput(
            MemorySegment[] operands,
            int first,
            int count,
            int panel,
            int panelCount,
            MemorySegment scratch,
            GemmScratch g) {
        MemorySegment y = operands[p.output()];
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        int column = panel * COLUMNS;
        int columns = Math.min(p.outputChannels() - column, panelCount * COLUMNS);
        float[] products = g.elements(products());
        for (int v = 0; v < columns; v += LANES) {
            int lanes = Math.min(LANES, columns - v);
            loadBias(operands, column + v, lanes, g.start);
            int from = v / COLUMNS * panelElements() + v % COLUMNS;
            for (int i = first; i < first + count; i++, from += COLUMNS) {
                if (outputTile == 4) {
                    WinogradTransform.output4(products, from, elementProducts(), g.lanes, g.start, 0);
                } else {
                    WinogradTransform.output2(products, from, elementProducts(), g.lanes, g.start, 0);
                }
                int instance = i / tiles;
                int t = i - instance * tiles;
                int top = t / tilesPerRow * outputTile;
                int left = t % tilesPerRow * outputTile;
                long at = outputOffset(instance, top, left, column + v);
                storeTile(
                        g.lanes,
                        Math.min(outputTile, height - top),
                        Math.min(outputTile, width - left),
                        lanes,
                        y,
                        at,
                        width);
            }
        }
        if (epilogue != null) {
            for (int i = first; i < first + count; ) {
                int instance = i / tiles;
                int next = Math.min(first + count, (instance + 1) * tiles);
                applyEpilogue(
                        operands, instance, i - instance * tiles, next - instance * tiles, column, columns, scratch);
                i = next;
            }
        }
    }

    /** The byte offset of an element of the output. */
    private long outputOffset(int instance, int row, int column, int channel) {
        long line = (long) instance * p.window().rows().output() + row;
        return (line * p.window().columns().output() + column) * pixelBytes + (long) channel * Float.BYTES;
    }

    /**
     * Applies the epilogue to the pixels of some tiles, row by row, or to all rows of a row of tiles at once if it is
     * complete.
     */
    private void applyEpilogue(
            MemorySegment[] operands,
            int instance,
            int first,
            int end,
            int channel,
            int channels,
            MemorySegment scratch) {
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        MemorySegment y = operands[p.output()];
        for (int t = first; t < end; ) {
            int row = t / tilesPerRow;
            int left = t % tilesPerRow * outputTile;
            int next = Math.min(end, (row + 1) * tilesPerRow);
            int right = Math.min(width, (next - row * tilesPerRow) * outputTile);
            int top = row * outputTile;
            int lines = Math.min(outputTile, height - top);
            if (right - left == width) {
                epilogue.apply(
                        y,
                        outputOffset(instance, top, 0, channel),
                        lines * width,
                        channels,
                        p.outputChannels(),
                        operands,
                        scratch);
            } else {
                for (int line = top; line < top + lines; line++) {
                    long at = outputOffset(instance, line, left, channel);
                    epilogue.apply(y, at, right - left, channels, p.outputChannels(), operands, scratch);
                }
            }
            t = next;
        }
    }

    private void loadBias(MemorySegment[] operands, int channel, int lanes, float[] start) {
        for (int i = 0; i < LANES; i++) {
            start[i] =
                    p.bias() < 0 || i >= lanes ? 0 : operands[p.bias()].get(SCALAR, (long) (channel + i) * Float.BYTES);
        }
    }

    /** Writes a vector of channels of a tile, whose last rows and columns may be outside the output. */
    private void storeTile(float[] from, int rows, int columns, int lanes, MemorySegment y, long at, int width) {
        for (int i = 0; i < rows; i++) {
            int first = (36 - outputTile * outputTile + i * outputTile) * LANES;
            long to = at + (long) i * width * pixelBytes;
            if (lanes == LANES) {
                storeVectors(from, first, columns, lower, upper, y, to, pixelBytes);
            } else {
                for (int j = 0; j < columns; j++) {
                    storeScalars(from, first + j * LANES, lanes, y, to + j * pixelBytes);
                }
            }
        }
    }

    private static void storeVectors(
            float[] from,
            int first,
            int columns,
            float least,
            float greatest,
            MemorySegment y,
            long at,
            long pixelBytes) {
        y = NATIVE.cast(y);
        for (int j = 0; j < columns; j++) {
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, from, first + j * LANES));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v = v.blend(greatest, v.compare(VectorOperators.GT, greatest));
            v.intoMemorySegment(y, at + j * pixelBytes, ORDER);
        }
    }

    private void storeScalars(float[] from, int first, int lanes, MemorySegment y, long at) {
        for (int k = 0; k < lanes; k++) {
            float value = from[first + k];
            value = value < lower ? lower : value;
            value = value > upper ? upper : value;
            y.set(SCALAR, at + (long) k * Float.BYTES, value);
        }
    }
}
