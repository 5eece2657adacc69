package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Convolution of float32 planes as a matrix product, the weights of a group, {@code [outputs, terms]}, times windows as
 * columns, {@code [terms, windows]}, which is never written out: its rows are read by {@link DirectConvTile} where they lie, in
 * the input itself if windows are its elements, else in a {@link TapBlock} of each plane. There, rows of windows have
 * gaps between them. Of rows of whole vectors each tile takes any two, the last of a row and the first of the next too;
 * for others the gaps are computed too, a few rows of the result at a time, and left out when these are copied to the
 * output.
 *
 * <p>A part is some rows of windows (some windows, where the input is read itself) and some output channels of one group
 * of one instance. Each element is summed in blocks of terms, each block one chain of fused multiply-adds, the first one
 * added to the bias. A weight that is not finite makes NaN of padding.
 */
public final class VectorConv implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final long COLUMN_BYTES = (long) COLUMNS * Float.BYTES;

    /** Windows of a part, about: the copy of the weights of a tile is spread over them. */
    private static final int BLOCK_WINDOWS = 16 * COLUMNS;

    private static final int PARTS = 8;
    private static final int LEAST_ROWS = 48;
    private static final long PART_WORK = 1 << 21;

    private final ConvProblem p;
    private final TapBlock block;
    private final int[] places;

    /** The places of the last columns in scratch memory, if the input is read itself. */
    private final int[] lastPlaces;

    private final int terms;
    private final int depth;
    private final int windows;

    /** Rows of windows of a part, or windows if the input is read itself. */
    private final int blockRows;

    private final int blocks;
    private final int rows;
    private final int rowBlocks;
    private final int width;
    private final int pitch;
    /** What is done to finished blocks, or null. */
    private final TileEpilogue epilogue;

    /** What elements are kept within where they are stored, or null. */
    private final Bounds bounds;

    private VectorConv(ConvProblem p, Tiling tiling) {
        this.p = p;
        terms = (int) p.terms();
        windows = (int) p.window().windows();
        int depths = Math.ceilDiv(terms, GemmTile.DEPTH);
        depth = Math.ceilDiv(terms, depths);
        boolean identity =
                p.window().isIdentity() && p.inputs() * p.window().windows() < Integer.MAX_VALUE / Float.BYTES;
        if (identity) {
            int count = Math.ceilDiv(windows, BLOCK_WINDOWS);
            blockRows = Math.min(windows, Math.ceilDiv(Math.ceilDiv(windows, count), COLUMNS) * COLUMNS);
            blocks = Math.ceilDiv(windows, blockRows);
            block = null;
            width = 1;
            pitch = 1;
        } else {
            blockRows = blockRows(p, tiling);
            blocks = Math.ceilDiv(p.window().rows().output(), blockRows);
            block = new TapBlock(p.window(), blockRows);
            width = p.window().columns().output();
            pitch = block.pitch;
        }
        places = new int[terms];
        int taps = (int) p.window().taps();
        for (int t = 0; t < terms; t++) {
            long channel = identity ? (long) windows * Float.BYTES : block.byteSize;
            places[t] = Math.toIntExact(t / taps * channel + (identity ? 0 : block.taps[t % taps]));
        }
        lastPlaces = new int[identity ? terms : 0];
        Arrays.setAll(lastPlaces, t -> (int) (t * VECTOR));
        int planes = p.instances() * p.groups();
        long work = (long) p.outputs() * terms * blockRows * width;
        int wanted = Math.ceilDiv(PARTS, Math.max(1, Math.min(PARTS, planes * blocks)));
        int cuts = Math.clamp(Math.min(work / PART_WORK, p.outputs() / LEAST_ROWS), 1, wanted);
        rows = Math.min(p.outputs(), Math.ceilDiv(Math.ceilDiv(p.outputs(), cuts), GemmTile.ROWS) * GemmTile.ROWS);
        rowBlocks = Math.ceilDiv(p.outputs(), rows);
        Math.multiplyExact(Math.multiplyExact(planes, blocks), rowBlocks);
        bounds = StoreEpilogue.onlyBounds(p.epilogue());
        epilogue = bounds == null ? TileEpilogue.behind(p.epilogue(), ownBytes()) : null;
    }

    private static int blockRows(ConvProblem p, Tiling tiling) {
        int all = p.window().rows().output();
        int width = p.window().columns().output();
        // What is finished where it is stored need not stay near: larger blocks copy fewer lines twice.
        boolean finished =
                width % LANES == 0 && (p.epilogue() == null || StoreEpilogue.onlyBounds(p.epilogue()) != null);
        int most = Math.clamp((finished ? 2 : 1) * BLOCK_WINDOWS / width, 1, all);
        while (most > 1 && !tiling.planesStay(p.inputs() * new TapBlock(p.window(), most).byteSize)) {
            most--;
        }
        int lines = Math.ceilDiv(all, Math.ceilDiv(all, most));
        // Tiles of two vectors go on from line to line; an even number of lines leaves no single vector.
        return finished && lines > 1 && lines < all ? lines & -2 : lines;
    }

    /**
     * The kernel of a convolution.
     *
     * @param p the convolution, whose planes are not too large to be copied
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorConv(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_direct_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return block == null ? "" : "lines " + blockRows;
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * blocks * rowBlocks;
    }

    @Override
    public long partNanos() {
        return 1 + (long) rows * terms * blockRows * width / (3L * LANES) + (long) terms * blockRows * width / LANES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    // Scratch memory: the planes, behind which a tile may read, and rows of the result with gaps; or the last columns.

    private long ownBytes() {
        return block == null ? terms * VECTOR : resultAt() + (hasGaps() ? GemmTile.ROWS * resultRow() : 0);
    }

    private long resultAt() {
        return (p.inputs() * block.byteSize + 63 & -64) + COLUMN_BYTES;
    }

    private long resultRow() {
        return (Math.ceilDiv(blockRows * pitch, COLUMNS) + 1) * COLUMN_BYTES;
    }

    /** Whether the gaps between rows of windows are computed. */
    private boolean hasGaps() {
        return pitch != width && !skipsGaps();
    }

    /** Whether rows of windows, which have gaps between them, are whole vectors, so that no gap is computed. */
    private boolean skipsGaps() {
        return pitch != width && width % LANES == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int made = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int columns = part / rowBlocks;
                if (columns != made) {
                    prepare(operands[0], columns / blocks, columns % blocks, scratch);
                    made = columns;
                }
                int row = part % rowBlocks * rows;
                int end = Math.min(p.outputs(), row + rows);
                multiply(operands, columns / blocks, columns % blocks, row, end, scratch, arrays);
            }
        } finally {
            arrays.give();
        }
    }

    /** Copies the planes of a group, or the last columns, fewer than a vector has lanes. */
    private void prepare(MemorySegment x, int group, int index, MemorySegment scratch) {
        long channel = (long) group * p.inputs();
        if (block != null) {
            int first = index * blockRows;
            int count = Math.min(blockRows, p.window().rows().output() - first);
            long pixels = p.window().pixels() * Float.BYTES;
            for (int c = 0; c < p.inputs(); c++) {
                block.copy(x, (channel + c) * pixels, first, count, scratch, c * block.byteSize);
            }
        } else if (index == blocks - 1) {
            int count = windows % LANES;
            long from = ((channel + 1) * windows - count) * Float.BYTES;
            for (int c = 0; c < terms; c++) {
                for (int j = 0; j < count; j++) {
                    float value = x.get(SCALAR, from + ((long) c * windows + j) * Float.BYTES);
                    scratch.set(SCALAR, c * VECTOR + (long) j * Float.BYTES, value);
                }
            }
        }
    }

    private void multiply(
            MemorySegment[] operands, int group, int index, int row, int end, MemorySegment scratch, GemmScratch g) {
        int first = index * blockRows;
        int all = block == null ? windows : p.window().rows().output();
        int lines = Math.min(blockRows, all - first);
        MemorySegment x = block == null ? operands[0] : scratch;
        long xAt = block == null ? ((long) group * p.inputs() * windows + first) * Float.BYTES : 0;
        int positions = skipsGaps() ? lines * width : (lines - 1) * pitch + width;
        MemorySegment y = operands[p.output()];
        long planeBytes = (long) windows * Float.BYTES;
        for (int r = row; r < end; r += GemmTile.ROWS) {
            int count = Math.min(GemmTile.ROWS, end - r);
            int channel = group % p.groups() * p.outputs() + r;
            long yAt = ((long) group * p.outputs() + r) * planeBytes + (long) first * width * Float.BYTES;
            MemorySegment c = hasGaps() ? scratch : y;
            long cAt = hasGaps() ? resultAt() : yAt;
            long cRow = hasGaps() ? resultRow() : planeBytes;
            for (int k = 0; k < terms; k += depth) {
                int n = Math.min(depth, terms - k);
                for (int i = 0; i < count; i++) {
                    long weights = ((long) (channel + i) * terms + k) * Float.BYTES;
                    MemorySegment.copy(operands[1], SCALAR, weights, g.rows, i * GemmTile.ROW, n);
                }
                if (k == 0) {
                    start(operands, channel, count, g);
                }
                tiles(x, xAt, scratch, positions, k, n, count, c, cAt, cRow, g);
            }
            if (hasGaps()) {
                close(scratch, lines, count, y, yAt, planeBytes);
            }
            if (epilogue != null) {
                epilogue.apply(y, yAt, count, lines * width, windows, operands, scratch);
            }
        }
    }

    /** Notes what the rows of a tile start from. */
    private void start(MemorySegment[] operands, int channel, int count, GemmScratch g) {
        for (int i = 0; i < count; i++) {
            g.start[i] = p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, (long) (channel + i) * Float.BYTES);
        }
    }

    /** Multiplies some rows with all columns of the block. */
    private void tiles(
            MemorySegment x,
            long xAt,
            MemorySegment scratch,
            int positions,
            int k,
            int n,
            int count,
            MemorySegment c,
            long cAt,
            long cRow,
            GemmScratch g) {
        boolean padded = hasGaps();
        Bounds last = k + n == terms ? bounds : null;
        for (int j = 0; j < positions; ) {
            int left = positions - j;
            long at = (long) j * Float.BYTES;
            int columns = Math.min(left, COLUMNS);
            if (block != null ? left > LANES : left >= COLUMNS) {
                long place = place(j);
                DirectConvTile.multiply(count, g.rows, x, xAt + place, place(j + LANES) - place, places, k, n, g.tile);
            } else if (block != null || left >= LANES) {
                columns = Math.min(left, LANES);
                DirectConvTile.multiplyHalf(count, g.rows, x, xAt + place(j), places, k, n, g.tile);
            } else {
                DirectConvTile.multiplyHalf(count, g.rows, scratch, 0, lastPlaces, k, n, g.tile);
            }
            int written = padded ? Math.ceilDiv(columns, LANES) * LANES : columns;
            put(g, count, written, k == 0, c, cAt + at, cRow, last);
            j += columns;
        }
    }

    /** Bytes from the first window of a block to another one. */
    private long place(int position) {
        int at = skipsGaps() ? position / width * pitch + position % width : position;
        return (long) at * Float.BYTES;
    }

    private static void put(
            GemmScratch g, int rows, int columns, boolean first, MemorySegment c, long at, long row, Bounds bounds) {
        int whole = columns / LANES * LANES;
        if (bounds != null) {
            putWithin(g.tile, g.start, first, rows, whole, c, at, row, bounds.least(), bounds.greatest());
        } else if (first) {
            putFirst(g.tile, g.start, rows, whole, c, at, row);
        } else {
            add(g.tile, rows, whole, c, at, row);
        }
        if (whole == columns) {
            return;
        }
        for (int r = 0; r < rows; r++) {
            for (int j = whole; j < columns; j++) {
                long to = at + r * row + (long) j * Float.BYTES;
                float sum = g.tile[r * COLUMNS + j] + (first ? g.start[r] : c.get(SCALAR, to));
                c.set(SCALAR, to, bounds == null ? sum : bounds.of(sum));
            }
        }
    }

    private static void putFirst(
            float[] tile, float[] start, int rows, int columns, MemorySegment c, long at, long row) {
        c = NATIVE.cast(c);
        for (int r = 0; r < rows; r++) {
            FloatVector bias = FloatVector.broadcast(F32, start[r]);
            for (int j = 0; j < columns; j += LANES) {
                FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + j))
                        .add(bias)
                        .intoMemorySegment(c, at + r * row + (long) j * Float.BYTES, ORDER);
            }
        }
    }

    /** Writes whole vectors added to what they start from, the bias or what is there, within bounds. */
    private static void putWithin(
            float[] tile,
            float[] start,
            boolean first,
            int rows,
            int columns,
            MemorySegment c,
            long at,
            long row,
            float least,
            float greatest) {
        c = NATIVE.cast(c);
        for (int r = 0; r < rows; r++) {
            FloatVector base = FloatVector.broadcast(F32, start[r]);
            for (int j = 0; j < columns; j += LANES) {
                long to = at + r * row + (long) j * Float.BYTES;
                if (!first) {
                    base = FloatVector.fromMemorySegment(F32, c, to, ORDER);
                }
                FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + j))
                        .add(base);
                v = v.blend(least, v.compare(VectorOperators.LT, least));
                v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, to, ORDER);
            }
        }
    }

    private static void add(float[] tile, int rows, int columns, MemorySegment c, long at, long row) {
        c = NATIVE.cast(c);
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < columns; j += LANES) {
                long to = at + r * row + (long) j * Float.BYTES;
                FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + j))
                        .add(FloatVector.fromMemorySegment(F32, c, to, ORDER))
                        .intoMemorySegment(c, to, ORDER);
            }
        }
    }

    /** Copies rows of windows without the gaps; all but the last reach whole vectors, into what is written later. */
    private void close(MemorySegment scratch, int lines, int count, MemorySegment y, long yAt, long planeBytes) {
        for (int r = 0; r < count; r++) {
            long from = resultAt() + r * resultRow();
            long to = yAt + r * planeBytes;
            for (int i = 0; i < lines; i++) {
                long rest = (long) (lines - 1 - i) * width * Float.BYTES;
                long at = from + (long) i * pitch * Float.BYTES;
                long line = to + (long) i * width * Float.BYTES;
                if (rest >= VECTOR) {
                    copyBeyond(scratch, at, y, line);
                } else {
                    StridedCopy.copy(scratch, at, 1, y, line, width);
                }
            }
        }
    }

    private void copyBeyond(MemorySegment s, long from, MemorySegment y, long to) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        for (long j = 0; j < width * (long) Float.BYTES; j += VECTOR) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, s, from + j, ORDER)).intoMemorySegment(y, to + j, ORDER);
        }
    }
}
