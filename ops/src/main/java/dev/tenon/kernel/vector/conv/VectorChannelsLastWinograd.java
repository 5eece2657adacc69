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
 * Convolution of float32 planes whose channels lie last, with windows of 3 x 3, by minimal filtering: tiles of the input
 * are transformed, a vector of channels at a time; each of their elements is a matrix {@code [tiles, inputs]} that the
 * matrix {@code [inputs, outputs]} of the same element of the weights is multiplied with, and the products are
 * transformed into tiles of the output.
 *
 * <p>A part is some neighbouring tiles, perhaps of several instances, and some output channels. What a result may err, and what an
 * element that is not finite does to its neighbours, stands with {@link WinogradPoints}.
 */
public final class VectorChannelsLastWinograd implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** Panels that rows of transformed tiles are multiplied with at a time. */
    private static final int PANELS = 2;

    private static final int PARTS = 8;

    /** Bytes of a plane with zeros around it that is copied as a whole, rather than those tiles that reach over its border. */
    private static final long SMALL_PLANE = 1 << 16;

    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    /** Bytes from an element of a plane of the result to the next. */
    private final long pixelBytes;

    private final float least;
    private final float greatest;
    private final int tile;
    private final int side;
    private final int elements;
    private final int inputs;
    /** Channels of the input, filled up to whole vectors. */
    private final int padded;

    private final int across;
    /** Tiles of an instance, of all of them, and of a part. */
    private final int tiles;

    private final int allTiles;

    private final int blockTiles;
    private final int blocks;
    /** Panels whose products exist at a time. */
    private final int panels;

    private final int partPanels;
    private final int panelParts;
    private final int depth;
    /** Whether weights do not stay in the second-level cache. */
    private final boolean far;

    /** Whether planes are copied, or else tiles that reach over the border. */
    private final boolean planes;
    /** Elements of a copy, down and across. */
    private final int copyHeight;

    private final int copyWidth;
    /** Where the elements of a tile lie in the input, and in a copy. */
    private final int[] places;

    private final int[] copied;
    private final TileEpilogue epilogue;

    private VectorChannelsLastWinograd(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        pixelBytes = (long) problem.pitch() * Float.BYTES;
        tile = problem.weights().tile();
        least = problem.least();
        greatest = problem.greatest();
        side = tile + 2;
        elements = side * side;
        inputs = p.inputs();
        padded = Math.ceilDiv(inputs, LANES) * LANES;
        across = Math.ceilDiv(p.window().columns().output(), tile);
        tiles = Math.ceilDiv(p.window().rows().output(), tile) * across;
        allTiles = Math.multiplyExact(p.instances(), tiles);
        int all = VectorPanels.panels(p.outputs());
        panels = Math.min(PANELS, all);
        long weightBytes = elements * VectorPanels.byteSize(inputs, p.outputs());
        long tileBytes = (long) elements * (padded + panels * COLUMNS) * Float.BYTES;
        far = !tiling.filtersStay(weightBytes);
        int cut = Math.ceilDiv(allTiles, tiling.filterTiles(tileBytes, weightBytes));
        blockTiles = Math.min(allTiles, Math.ceilDiv(Math.ceilDiv(allTiles, cut), GemmTile.ROWS) * GemmTile.ROWS);
        blocks = Math.ceilDiv(allTiles, blockTiles);
        int cuts = Math.clamp(Math.ceilDiv(PARTS, blocks), 1, Math.ceilDiv(all, PANELS));
        partPanels = Math.ceilDiv(all, cuts);
        panelParts = Math.ceilDiv(all, partPanels);
        Math.multiplyExact(blocks, panelParts);
        depth = Math.ceilDiv(inputs, Math.ceilDiv(inputs, GemmTile.DEPTH));
        long wholeHeight = (tiles / across - 1L) * tile + side;
        long wholeWidth = (across - 1L) * tile + side;
        planes = wholeHeight * wholeWidth * inputs * Float.BYTES <= SMALL_PLANE;
        copyHeight = planes ? (int) wholeHeight : side;
        copyWidth = planes ? (int) wholeWidth : side;
        places = places(p.window().columns().input());
        copied = places(copyWidth);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /** The distances, in bytes, of the elements of a tile from its first one, in a plane of some width. */
    private int[] places(int width) {
        int[] all = new int[elements];
        for (int i = 0; i < elements; i++) {
            long pixel = i / side * (long) width + i % side;
            all[i] = Math.toIntExact(pixel * inputs * Float.BYTES);
        }
        return all;
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution of one group with transformed weights
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastWinograd(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_winograd" + tile + "x" + tile + "_vector" + SimdSpecies.BITS);
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
        long columns = (long) Math.min(p.outputs(), partPanels * COLUMNS);
        return 1 + (long) elements * blockTiles * (inputs * columns / (3L * LANES) + (inputs + columns) / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    // Scratch memory: a copy of a plane or a tile, with what vectors reach over behind it, and transformed tiles.
    // Between elements lies a line more, which keeps their stores out of one set of the cache.

    private long tilesAt() {
        return (((long) copyHeight * copyWidth * inputs + padded) * Float.BYTES + VECTOR - 1) / VECTOR * VECTOR;
    }

    private long tilesApart() {
        return (long) blockTiles * padded * Float.BYTES + VECTOR;
    }

    private long ownBytes() {
        return tilesAt() + elements * tilesApart();
    }

    // Products lie in an array, as tiles of them are made: for each element of the input's tiles, for each panel, whole
    // tiles of products.

    private int panelProducts() {
        return Math.ceilDiv(blockTiles, GemmTile.ROWS) * GemmTile.ROWS * COLUMNS;
    }

    private int productsApart() {
        return panels * panelProducts() + LANES;
    }

    private int products() {
        return elements * productsApart();
    }

    @Override
    public Kernel apart(int pitch) {
        ChannelsLastConvProblem part = problem.apart(pitch, LANES);
        return part == null ? null : new VectorChannelsLastWinograd(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int made = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int block = part / panelParts;
                int first = block * blockTiles;
                int count = Math.min(blockTiles, allTiles - first);
                if (block != made) {
                    transform(operands[0], first, count, scratch, arrays);
                    made = block;
                }
                int panel = part % panelParts * partPanels;
                int end = Math.min(VectorPanels.panels(p.outputs()), panel + partPanels);
                for (; panel < end; panel += panels) {
                    int some = Math.min(panels, end - panel);
                    multiply(operands[1], panel, some, count, scratch, arrays);
                    finish(operands, first, count, panel, some, scratch, arrays);
                }
            }
        } finally {
            arrays.give();
        }
    }

    /** Transforms some tiles. */
    private void transform(MemorySegment x, int first, int count, MemorySegment scratch, GemmScratch g) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long pixelBytes = (long) inputs * Float.BYTES;
        long lastRead = places[elements - 1] + (long) padded * Float.BYTES;
        int made = -1;
        for (int i = first; i < first + count; i++) {
            int instance = i / tiles;
            int t = i - instance * tiles;
            int row = t / across * tile;
            int column = t % across * tile;
            long to = tilesAt() + (long) (i - first) * padded * Float.BYTES;
            if (planes) {
                if (instance != made) {
                    copy(x, instance, -r.padBegin(), -c.padBegin(), scratch);
                    made = instance;
                }
                transform(scratch, ((long) row * copyWidth + column) * pixelBytes, copied, scratch, to, g);
                continue;
            }
            int top = row - r.padBegin();
            int left = column - c.padBegin();
            long at = (((long) instance * r.input() + top) * c.input() + left) * pixelBytes;
            boolean inside = top >= 0
                    && left >= 0
                    && top + side <= r.input()
                    && left + side <= c.input()
                    && at + lastRead <= x.byteSize();
            if (inside) {
                transform(x, at, places, scratch, to, g);
            } else {
                copy(x, instance, top, left, scratch);
                transform(scratch, 0, copied, scratch, to, g);
            }
        }
    }

    private void transform(MemorySegment x, long at, int[] where, MemorySegment scratch, long to, GemmScratch g) {
        for (int c = 0; c < padded; c += LANES) {
            long bytes = (long) c * Float.BYTES;
            if (tile == 4) {
                WinogradTransform.input4(x, at + bytes, where, g.lanes, scratch, to + bytes, tilesApart());
            } else {
                WinogradTransform.input2(x, at + bytes, where, g.lanes, scratch, to + bytes, tilesApart());
            }
        }
    }

    /** Copies a part of a plane, with zeros for what lies beside it. What a vector writes beyond the end of a run comes later. */
    private void copy(MemorySegment x, int instance, int top, int left, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long pixelBytes = (long) inputs * Float.BYTES;
        int begin = Math.clamp(-left, 0, copyWidth);
        int end = Math.clamp(c.input() - left, begin, copyWidth);
        for (int i = 0; i < copyHeight; i++) {
            int line = top + i;
            long to = (long) i * copyWidth * pixelBytes;
            if (line < 0 || line >= r.input()) {
                clear(scratch, to, copyWidth * pixelBytes);
            } else {
                long from = (((long) instance * r.input() + line) * c.input() + left + begin) * pixelBytes;
                clear(scratch, to, begin * pixelBytes);
                copy(x, from, scratch, to + begin * pixelBytes, (end - begin) * pixelBytes);
                clear(scratch, to + end * pixelBytes, (copyWidth - end) * pixelBytes);
            }
        }
    }

    private static void clear(MemorySegment scratch, long at, long bytes) {
        scratch = NATIVE.cast(scratch);
        for (long i = 0; i < bytes; i += VECTOR) {
            FLOATS.cast(FloatVector.zero(F32)).intoMemorySegment(scratch, at + i, ORDER);
        }
    }

    /** Copies elements in whole vectors, as long as there are such in the memory that they come from. */
    private static void copy(MemorySegment x, long from, MemorySegment scratch, long to, long bytes) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        long i = 0;
        for (long whole = Math.min(bytes, x.byteSize() - from - VECTOR + 1); i < whole; i += VECTOR) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + i, ORDER))
                    .intoMemorySegment(scratch, to + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            scratch.set(SCALAR, to + i, x.get(SCALAR, from + i));
        }
    }

    /** Multiplies all matrices of transformed tiles with some panels of weights. */
    private void multiply(MemorySegment w, int panel, int some, int count, MemorySegment scratch, GemmScratch g) {
        long matrix = VectorPanels.byteSize(inputs, p.outputs());
        long tileRow = (long) padded * Float.BYTES;
        float[] products = g.elements(products());
        for (int e = 0; e < elements; e++) {
            long from = tilesAt() + e * tilesApart();
            for (int k = 0; k < inputs; k += depth) {
                int n = Math.min(depth, inputs - k);
                for (int t = 0; t < count; t += GemmTile.ROWS) {
                    int rows = Math.min(GemmTile.ROWS, count - t);
                    load(scratch, from + t * tileRow + (long) k * Float.BYTES, tileRow, rows, n, g.rows);
                    // What the first rows meet comes from afar if weights are many.
                    int pairs = t == 0 && far && PairTile.pays(count, true) ? some & ~1 : 0;
                    for (int i = 0; i < some; i += i < pairs ? 2 : 1) {
                        long at = e * matrix + VectorPanels.offset(inputs, panel + i, k);
                        int to = e * productsApart() + i * panelProducts() + t * COLUMNS;
                        if (i < pairs) {
                            long other = at + VectorPanels.panelBytes(inputs);
                            PairTile.multiply(rows, g.rows, w, at, other, n, g.tile, g.second);
                            WinogradTransform.put(g.tile, rows, k > 0, products, to);
                            WinogradTransform.put(g.second, rows, k > 0, products, to + panelProducts());
                        } else if (k > 0) {
                            GemmTile.multiply(rows, g.rows, w, at, n, g.tile);
                            WinogradTransform.put(g.tile, rows, true, products, to);
                        } else {
                            GemmTile.multiply(rows, g.rows, w, at, 2 * VECTOR, n, products, to);
                        }
                    }
                }
            }
        }
    }

    /** Copies rows to where {@link GemmTile} reads them: by one loop, as they may be of two vectors each. */
    private static void load(MemorySegment s, long from, long apart, int count, int n, float[] to) {
        s = NATIVE.cast(s);
        int vectors = Math.ceilDiv(n, LANES);
        long skip = apart - vectors * VECTOR;
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
    private void finish(
            MemorySegment[] operands, int first, int count, int panel, int some, MemorySegment scratch, GemmScratch g) {
        MemorySegment y = operands[p.output()];
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        int column = panel * COLUMNS;
        int columns = Math.min(p.outputs() - column, some * COLUMNS);
        float[] products = g.elements(products());
        for (int v = 0; v < columns; v += LANES) {
            int lanes = Math.min(LANES, columns - v);
            start(operands, column + v, lanes, g.start);
            int from = v / COLUMNS * panelProducts() + v % COLUMNS;
            for (int i = first; i < first + count; i++, from += COLUMNS) {
                if (tile == 4) {
                    WinogradTransform.output4(products, from, productsApart(), g.lanes, g.start, 0);
                } else {
                    WinogradTransform.output2(products, from, productsApart(), g.lanes, g.start, 0);
                }
                int instance = i / tiles;
                int t = i - instance * tiles;
                int top = t / across * tile;
                int left = t % across * tile;
                long at = place(instance, top, left, column + v);
                write(g.lanes, Math.min(tile, height - top), Math.min(tile, width - left), lanes, y, at, width);
            }
        }
        if (epilogue != null) {
            for (int i = first; i < first + count; ) {
                int instance = i / tiles;
                int next = Math.min(first + count, (instance + 1) * tiles);
                close(operands, instance, i - instance * tiles, next - instance * tiles, column, columns, scratch);
                i = next;
            }
        }
    }

    /** The offset of an element of the output. */
    private long place(int instance, int row, int column, int channel) {
        long line = (long) instance * p.window().rows().output() + row;
        return (line * p.window().columns().output() + column) * pixelBytes + (long) channel * Float.BYTES;
    }

    /** Applies the epilogue to what some tiles cover, line by line, or at once where all of these are whole. */
    private void close(
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
            int row = t / across;
            int left = t % across * tile;
            int next = Math.min(end, (row + 1) * across);
            int right = Math.min(width, (next - row * across) * tile);
            int top = row * tile;
            int lines = Math.min(tile, height - top);
            if (right - left == width) {
                epilogue.apply(
                        y, place(instance, top, 0, channel), lines * width, channels, p.outputs(), operands, scratch);
            } else {
                for (int line = top; line < top + lines; line++) {
                    long at = place(instance, line, left, channel);
                    epilogue.apply(y, at, right - left, channels, p.outputs(), operands, scratch);
                }
            }
            t = next;
        }
    }

    private void start(MemorySegment[] operands, int channel, int lanes, float[] start) {
        for (int i = 0; i < LANES; i++) {
            start[i] =
                    p.bias() < 0 || i >= lanes ? 0 : operands[p.bias()].get(SCALAR, (long) (channel + i) * Float.BYTES);
        }
    }

    /** Writes a vector of channels of a tile, whose last rows and columns may lie beside the output. */
    private void write(float[] from, int rows, int columns, int lanes, MemorySegment y, long at, int width) {
        for (int i = 0; i < rows; i++) {
            int first = (36 - tile * tile + i * tile) * LANES;
            long to = at + (long) i * width * pixelBytes;
            if (lanes == LANES) {
                writeVectors(from, first, columns, least, greatest, y, to, pixelBytes);
            } else {
                for (int j = 0; j < columns; j++) {
                    writeExactly(from, first + j * LANES, lanes, y, to + j * pixelBytes);
                }
            }
        }
    }

    private static void writeVectors(
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

    private void writeExactly(float[] from, int first, int lanes, MemorySegment y, long at) {
        for (int k = 0; k < lanes; k++) {
            float value = from[first + k];
            value = value < least ? least : value;
            value = value > greatest ? greatest : value;
            y.set(SCALAR, at + (long) k * Float.BYTES, value);
        }
    }
}
