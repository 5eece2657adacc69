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
 * Convolution of float32 planes with windows of 3 x 3 by minimal filtering: tiles of the input are transformed, each of
 * their elements is a matrix {@code [inputs, tiles]} that the matrix of the same element of the weights, packed as
 * {@link WinogradLayout}, is multiplied with, and the products are transformed into tiles of the output.
 *
 * <p>A part is some rows of tiles and some output channels of one group of one instance. What a result may err, and what an
 * element that is not finite does to its neighbours, stands with {@link WinogradPoints}.
 */
public final class VectorWinograd implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;

    private static final int PARTS = 8;
    private static final int LEAST_ROWS = 48;

    private final ConvProblem p;
    private final int tile;
    private final int elements;
    private final TapBlock block;
    private final int across;
    private final int down;
    private final int blockRows;
    private final int blocks;
    private final int rows;
    private final int rowBlocks;

    /** Tiles of a part, filled up to whole vectors. */
    private final int columns;

    private final int inputs;
    private final int depth;
    private final int[] places;
    private final TileEpilogue epilogue;

    private VectorWinograd(ConvProblem p, Tiling tiling) {
        this.p = p;
        tile = p.tile();
        elements = (tile + 2) * (tile + 2);
        inputs = p.inputs();
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        down = Math.ceilDiv(r.output(), tile);
        across = Math.ceilDiv(c.output(), tile);
        int most = 1;
        while (most < down && tiling.planesStay(elements * bytes((most + 1) * across) * inputs)) {
            most++;
        }
        blockRows = Math.ceilDiv(down, Math.ceilDiv(down, most));
        blocks = Math.ceilDiv(down, blockRows);
        columns = (int) (bytes(blockRows * across) / Float.BYTES);
        Window2d tiles = new Window2d(
                new Window2d.Axis(r.input(), tile + 2, down, tile, 1, r.padBegin(), 0),
                new Window2d.Axis(c.input(), tile + 2, across, tile, 1, c.padBegin(), 0));
        block = new TapBlock(tiles, blockRows);
        depth = Math.ceilDiv(inputs, Math.ceilDiv(inputs, GemmTile.DEPTH));
        places = new int[depth];
        Arrays.setAll(places, i -> i * columns * Float.BYTES);
        int planes = p.instances() * p.groups();
        int wanted = Math.ceilDiv(PARTS, Math.max(1, Math.min(PARTS, planes * blocks)));
        int cuts = Math.clamp(p.outputs() / LEAST_ROWS, 1, wanted);
        rows = Math.min(p.outputs(), Math.ceilDiv(Math.ceilDiv(p.outputs(), cuts), GemmTile.ROWS) * GemmTile.ROWS);
        rowBlocks = Math.ceilDiv(p.outputs(), rows);
        Math.multiplyExact(Math.multiplyExact(planes, blocks), rowBlocks);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    private static long bytes(int tiles) {
        return Math.ceilDiv(tiles, LANES) * VECTOR;
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution with transformed weights
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorWinograd(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_winograd" + tile + "x" + tile + "_vector" + SimdSpecies.BITS);
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
        return 1 + (long) elements * columns * (inputs * (long) rows / (3L * LANES) + (inputs + rows) / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    // Scratch memory: a plane, behind which a vector may read; transformed tiles; rows of output.

    private long tilesAt() {
        return (block.byteSize + VECTOR + 63) & -64;
    }

    /** Bytes from an element of transformed tiles to the next: behind its last row a vector may write. */
    private long tilesApart() {
        return (long) inputs * columns * Float.BYTES + VECTOR;
    }

    private long linesAt() {
        return tilesAt() + elements * tilesApart() + VECTOR;
    }

    // Products lie in an array, as tiles of them are made.

    private int productsApart() {
        return Math.ceilDiv(columns, COLUMNS) * GemmTile.ROWS * COLUMNS;
    }

    private long lineBytes() {
        return (long) columns * tile * Float.BYTES;
    }

    private long ownBytes() {
        return linesAt() + tile * lineBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int made = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int tiles = part / rowBlocks;
                if (tiles != made) {
                    transform(operands[0], tiles / blocks, tiles % blocks, scratch, arrays);
                    made = tiles;
                }
                int row = part % rowBlocks * rows;
                int end = Math.min(p.outputs(), row + rows);
                for (int r = row; r < end; r += GemmTile.ROWS) {
                    multiply(operands[1], tiles / blocks % p.groups(), r, tiles % blocks, scratch, arrays);
                    finish(
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

    private int lines(int index) {
        return Math.min(blockRows, down - index * blockRows);
    }

    /** Transforms the tiles of a block. A vector of them goes beyond the end of a row, where the next row is written. */
    private void transform(MemorySegment x, int group, int index, MemorySegment scratch, GemmScratch g) {
        long pixels = p.window().pixels() * Float.BYTES;
        int lines = lines(index);
        long row = (long) across * Float.BYTES;
        for (int c = 0; c < inputs; c++) {
            long plane = ((long) group * inputs + c) * pixels;
            block.copy(x, plane, index * blockRows, lines, scratch, 0);
            long to = tilesAt() + (long) c * columns * Float.BYTES;
            for (int i = 0; i < lines; i++) {
                long from = (long) i * block.pitch * Float.BYTES;
                for (long j = 0; j < row; j += VECTOR) {
                    if (tile == 4) {
                        WinogradTransform.input4(
                                scratch, from + j, block.taps, g.lanes, scratch, to + i * row + j, tilesApart());
                    } else {
                        WinogradTransform.input2(
                                scratch, from + j, block.taps, g.lanes, scratch, to + i * row + j, tilesApart());
                    }
                }
            }
        }
    }

    /** Multiplies some rows of all matrices. */
    private void multiply(MemorySegment w, int group, int row, int index, MemorySegment scratch, GemmScratch g) {
        int tiles = (int) (bytes(lines(index) * across) / Float.BYTES);
        int count = Math.min(GemmTile.ROWS, p.outputs() - row);
        long weightRow = Math.ceilDiv(inputs, LANES) * VECTOR;
        long block = (long) group * Math.ceilDiv(p.outputs(), GemmTile.ROWS) + row / GemmTile.ROWS;
        float[] products = g.elements(elements * productsApart());
        for (int e = 0; e < elements; e++) {
            long weights = (block * elements + e) * GemmTile.ROWS * weightRow;
            for (int k = 0; k < inputs; k += depth) {
                int n = Math.min(depth, inputs - k);
                load(w, weights + (long) k * Float.BYTES, weightRow, count, n, g.rows);
                long v = tilesAt() + e * tilesApart() + (long) k * columns * Float.BYTES;
                for (int j = 0; j < tiles; j += COLUMNS) {
                    boolean half = tiles - j < COLUMNS;
                    long at = v + (long) j * Float.BYTES;
                    int to = e * productsApart() + j * GemmTile.ROWS;
                    long step = (long) columns * Float.BYTES;
                    if (half) {
                        DirectConvTile.multiplyHalf(count, g.rows, scratch, at, places, 0, n, g.tile);
                        WinogradTransform.put(g.tile, count, k > 0, products, to);
                    } else if (k > 0) {
                        GemmTile.multiply(count, g.rows, scratch, at, step, n, g.tile, 0);
                        WinogradTransform.put(g.tile, count, true, products, to);
                    } else {
                        GemmTile.multiply(count, g.rows, scratch, at, step, n, products, to);
                    }
                }
            }
        }
    }

    /** Copies rows of weights to where {@link GemmTile} reads them. */
    private static void load(MemorySegment w, long from, long apart, int count, int n, float[] to) {
        w = NATIVE.cast(w);
        for (int r = 0; r < count; r++) {
            long at = from + r * apart;
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
    private void finish(
            MemorySegment[] operands, int group, int row, int count, int index, MemorySegment scratch, GemmScratch g) {
        int lines = lines(index);
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        int first = index * blockRows * tile;
        int end = Math.min(height, first + lines * tile);
        MemorySegment y = operands[p.output()];
        long planeBytes = (long) height * width * Float.BYTES;
        float[] products = g.elements(elements * productsApart());
        long yAt = ((long) group * p.outputs() + row) * planeBytes + (long) first * width * Float.BYTES;
        for (int r = 0; r < count; r++) {
            long channel = (long) group % p.groups() * p.outputs() + row + r;
            Arrays.fill(g.start, 0, LANES, p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, channel * Float.BYTES));
            for (int j = 0; j < lines * across; j += LANES) {
                int at = j / COLUMNS * GemmTile.ROWS * COLUMNS + r * COLUMNS + j % COLUMNS;
                if (tile == 4) {
                    WinogradTransform.output4(products, at, productsApart(), g.lanes, g.start, 0);
                } else {
                    WinogradTransform.output2(products, at, productsApart(), g.lanes, g.start, 0);
                }
                for (int i = 0; i < tile; i++) {
                    Interleave.write(
                            g.lanes,
                            (36 - tile * tile + i * tile) * LANES,
                            tile,
                            scratch,
                            linesAt() + i * lineBytes() + (long) j * tile * Float.BYTES);
                }
            }
            long to = yAt + r * planeBytes;
            for (int line = first; line < end; line++) {
                int i = line - first;
                long from = linesAt() + i % tile * lineBytes() + (long) (i / tile) * across * tile * Float.BYTES;
                StridedCopy.copy(scratch, from, 1, y, to + (long) i * width * Float.BYTES, width);
            }
        }
        if (epilogue != null) {
            long windows = p.window().windows();
            epilogue.apply(y, yAt, count, (end - first) * width, windows, operands, scratch);
        }
    }
}
