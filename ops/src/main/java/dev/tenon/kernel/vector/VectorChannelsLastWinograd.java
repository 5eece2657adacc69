package dev.tenon.kernel.vector;

import dev.tenon.kernel.ChannelsLastConvProblem;
import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Convolution of float32 planes whose channels lie last, with windows of 3 x 3, by minimal filtering: tiles of the input
 * are transformed, a vector of channels at a time; each of their elements is a matrix {@code [tiles, inputs]} that the
 * matrix {@code [inputs, outputs]} of the same element of the weights is multiplied with, and the products are
 * transformed into tiles of the output.
 *
 * <p>A part is some neighbouring tiles of an instance and some output channels. The result is as accurate as sums of its
 * terms where the elements of a tile are of like magnitude; an error is relative to the largest of them. An element that
 * is not finite makes NaN of its tiles.
 */
public final class VectorChannelsLastWinograd implements Kernel {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** Panels that rows of transformed tiles are multiplied with at a time. */
    private static final int PANELS = 2;

    private static final int PARTS = 8;

    private final ConvProblem p;
    private final float least;
    private final float greatest;
    private final int tile;
    private final int side;
    private final int elements;
    private final int inputs;
    /** Channels of the input, filled up to whole vectors. */
    private final int padded;

    private final int across;
    /** Tiles of an instance, and of a part. */
    private final int tiles;

    private final int blockTiles;
    private final int blocks;
    /** Panels whose products exist at a time. */
    private final int panels;

    private final int partPanels;
    private final int panelParts;
    private final int depth;
    /** Where the elements of a tile lie in the input, and in a copy of a tile that reaches over its border. */
    private final int[] places;

    private final int[] copied;
    private final TileEpilogue epilogue;

    private VectorChannelsLastWinograd(ChannelsLastConvProblem problem, Tiling tiling) {
        p = problem.conv();
        tile = problem.weights().tile();
        least = problem.least();
        greatest = problem.greatest();
        side = tile + 2;
        elements = side * side;
        inputs = p.inputs();
        padded = Math.ceilDiv(inputs, LANES) * LANES;
        across = Math.ceilDiv(p.window().columns().output(), tile);
        tiles = Math.ceilDiv(p.window().rows().output(), tile) * across;
        int all = VectorPanels.panels(p.outputs());
        panels = Math.min(PANELS, all);
        long weightBytes = elements * VectorPanels.byteSize(inputs, p.outputs());
        long tileBytes = (long) elements * (padded + panels * COLUMNS) * Float.BYTES;
        blocks = Math.ceilDiv(tiles, tiling.filterTiles(tileBytes, weightBytes));
        blockTiles = Math.min(tiles, Math.ceilDiv(Math.ceilDiv(tiles, blocks), GemmTile.ROWS) * GemmTile.ROWS);
        int cuts = Math.clamp(Math.ceilDiv(PARTS, p.instances() * blocks), 1, Math.ceilDiv(all, PANELS));
        partPanels = Math.ceilDiv(all, cuts);
        panelParts = Math.ceilDiv(all, partPanels);
        Math.multiplyExact(Math.multiplyExact(p.instances(), blocks), panelParts);
        depth = Math.ceilDiv(inputs, Math.ceilDiv(inputs, GemmTile.DEPTH));
        places = new int[elements];
        copied = new int[elements];
        for (int i = 0; i < elements; i++) {
            int pixel = i / side * p.window().columns().input() + i % side;
            places[i] = Math.toIntExact((long) pixel * inputs * Float.BYTES);
            copied[i] = i * padded * Float.BYTES;
        }
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
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
        return TileEpilogue.id(epilogue, "conv_f32_last_winograd" + tile + "x" + tile + "_vector" + VectorShape.BITS);
    }

    @Override
    public String tiling() {
        return "tiles " + blockTiles;
    }

    @Override
    public int parts() {
        return p.instances() * blocks * panelParts;
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

    // Scratch memory: a copy of a tile, transformed tiles, products. A line more from element to element keeps their
    // stores out of one set of the cache.

    private long tilesAt() {
        return (long) elements * padded * Float.BYTES;
    }

    private long tilesApart() {
        return (long) blockTiles * padded * Float.BYTES + VECTOR;
    }

    private long productsAt() {
        return tilesAt() + elements * tilesApart();
    }

    private long productsApart() {
        return blockTiles * productRow() + VECTOR;
    }

    private long productRow() {
        return (long) panels * COLUMNS * Float.BYTES;
    }

    private long ownBytes() {
        return productsAt() + elements * productsApart();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int made = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int block = part / panelParts;
                int instance = block / blocks;
                int first = block % blocks * blockTiles;
                int count = Math.min(blockTiles, tiles - first);
                if (block != made) {
                    transform(operands[0], instance, first, count, scratch, arrays);
                    made = block;
                }
                int panel = part % panelParts * partPanels;
                int end = Math.min(VectorPanels.panels(p.outputs()), panel + partPanels);
                for (; panel < end; panel += panels) {
                    int some = Math.min(panels, end - panel);
                    multiply(operands[1], panel, some, count, scratch, arrays);
                    finish(operands, instance, first, count, panel, some, scratch, arrays);
                }
            }
        } finally {
            arrays.give();
        }
    }

    /** Transforms some tiles. */
    private void transform(MemorySegment x, int instance, int first, int count, MemorySegment scratch, GemmScratch g) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long pixelBytes = (long) inputs * Float.BYTES;
        long lastRead = places[elements - 1] + (long) padded * Float.BYTES;
        long to = tilesAt();
        for (int t = first; t < first + count; t++, to += (long) padded * Float.BYTES) {
            int top = t / across * tile - r.padBegin();
            int left = t % across * tile - c.padBegin();
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

    /** Copies a tile, with zeros for what lies beside the plane. */
    private void copy(MemorySegment x, int instance, int top, int left, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        long to = 0;
        for (int i = top; i < top + side; i++) {
            for (int j = left; j < left + side; j++, to += (long) padded * Float.BYTES) {
                if (i < 0 || i >= r.input() || j < 0 || j >= c.input()) {
                    for (long k = 0; k < (long) padded * Float.BYTES; k += VECTOR) {
                        FloatVector.zero(S).intoMemorySegment(scratch, to + k, ORDER);
                    }
                } else {
                    long from = (((long) instance * r.input() + i) * c.input() + j) * inputs * Float.BYTES;
                    copyPixel(x, from, scratch, to);
                }
            }
        }
    }

    private void copyPixel(MemorySegment x, long from, MemorySegment scratch, long to) {
        long bytes = (long) inputs * Float.BYTES;
        long k = 0;
        for (; k <= bytes - VECTOR; k += VECTOR) {
            FloatVector.fromMemorySegment(S, x, from + k, ORDER).intoMemorySegment(scratch, to + k, ORDER);
        }
        for (; k < bytes; k += Float.BYTES) {
            scratch.set(F32, to + k, x.get(F32, from + k));
        }
    }

    /** Multiplies all matrices of transformed tiles with some panels of weights. */
    private void multiply(MemorySegment w, int panel, int some, int count, MemorySegment scratch, GemmScratch g) {
        long matrix = VectorPanels.byteSize(inputs, p.outputs());
        long tileRow = (long) padded * Float.BYTES;
        for (int e = 0; e < elements; e++) {
            long from = tilesAt() + e * tilesApart();
            long to = productsAt() + e * productsApart();
            for (int k = 0; k < inputs; k += depth) {
                int n = Math.min(depth, inputs - k);
                for (int t = 0; t < count; t += GemmTile.ROWS) {
                    int rows = Math.min(GemmTile.ROWS, count - t);
                    load(scratch, from + t * tileRow + (long) k * Float.BYTES, tileRow, rows, n, g.rows);
                    for (int i = 0; i < some; i++) {
                        long at = e * matrix + VectorPanels.offset(inputs, panel + i, k);
                        GemmTile.multiply(rows, g.rows, w, at, n, g.tile);
                        long place = to + t * productRow() + (long) i * COLUMNS * Float.BYTES;
                        store(g.tile, rows, k > 0, scratch, place, productRow());
                    }
                }
            }
        }
    }

    /** Copies rows to where {@link GemmTile} reads them. */
    private static void load(MemorySegment s, long from, long apart, int count, int n, float[] to) {
        for (int r = 0; r < count; r++) {
            long at = from + r * apart;
            int row = r * GemmTile.ROW;
            for (int i = 0; i < n; i += LANES) {
                FloatVector.fromMemorySegment(S, s, at + (long) i * Float.BYTES, ORDER)
                        .intoArray(to, row + i);
            }
        }
    }

    private static void store(float[] from, int count, boolean add, MemorySegment s, long at, long apart) {
        for (int r = 0; r < count; r++) {
            long to = at + r * apart;
            FloatVector a = FloatVector.fromArray(S, from, r * COLUMNS);
            FloatVector b = FloatVector.fromArray(S, from, r * COLUMNS + LANES);
            if (add) {
                a = a.add(FloatVector.fromMemorySegment(S, s, to, ORDER));
                b = b.add(FloatVector.fromMemorySegment(S, s, to + VECTOR, ORDER));
            }
            a.intoMemorySegment(s, to, ORDER);
            b.intoMemorySegment(s, to + VECTOR, ORDER);
        }
    }

    /** Transforms products into tiles of the output. */
    private void finish(
            MemorySegment[] operands,
            int instance,
            int first,
            int count,
            int panel,
            int some,
            MemorySegment scratch,
            GemmScratch g) {
        MemorySegment y = operands[p.output()];
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        int column = panel * COLUMNS;
        int columns = Math.min(p.outputs() - column, some * COLUMNS);
        for (int v = 0; v < columns; v += LANES) {
            int lanes = Math.min(LANES, columns - v);
            start(operands, column + v, lanes, g.start);
            long from = productsAt() + (long) v * Float.BYTES;
            for (int t = first; t < first + count; t++, from += productRow()) {
                if (tile == 4) {
                    WinogradTransform.output4(scratch, from, productsApart(), g.lanes, g.start, 0);
                } else {
                    WinogradTransform.output2(scratch, from, productsApart(), g.lanes, g.start, 0);
                }
                int top = t / across * tile;
                int left = t % across * tile;
                long at = place(instance, top, left, column + v);
                write(g.lanes, Math.min(tile, height - top), Math.min(tile, width - left), lanes, y, at, width);
            }
        }
        if (epilogue != null) {
            close(operands, instance, first, first + count, column, columns, scratch);
        }
    }

    /** The offset of an element of the output. */
    private long place(int instance, int row, int column, int channel) {
        long line = (long) instance * p.window().rows().output() + row;
        return ((line * p.window().columns().output() + column) * p.outputs() + channel) * Float.BYTES;
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
            start[i] = p.bias() < 0 || i >= lanes ? 0 : operands[p.bias()].get(F32, (long) (channel + i) * Float.BYTES);
        }
    }

    /** Writes a vector of channels of a tile, whose last rows and columns may lie beside the output. */
    private void write(float[] from, int rows, int columns, int lanes, MemorySegment y, long at, int width) {
        int first = 36 - tile * tile;
        long pixelBytes = (long) p.outputs() * Float.BYTES;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int index = (first + i * tile + j) * LANES;
                long to = at + ((long) i * width + j) * pixelBytes;
                FloatVector v = FloatVector.fromArray(S, from, index);
                v = v.blend(least, v.compare(VectorOperators.LT, least));
                v = v.blend(greatest, v.compare(VectorOperators.GT, greatest));
                if (lanes == LANES) {
                    v.intoMemorySegment(y, to, ORDER);
                } else {
                    v.intoArray(from, index);
                    for (int k = 0; k < lanes; k++) {
                        y.set(F32, to + (long) k * Float.BYTES, from[index + k]);
                    }
                }
            }
        }
    }
}
