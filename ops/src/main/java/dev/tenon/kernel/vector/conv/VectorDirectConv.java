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
 * Convolution of float32 planes as the matrix product of the weights of a group, {@code [outputs, terms]}, and its
 * windows, {@code [terms, windows]}. The matrix of windows is never stored: {@link DirectConvTile} reads its rows in
 * place, from the input itself if windows are single elements, else from a {@link PolyphaseBlock} of each plane. In
 * such a block there are gaps between the rows of windows. If a row of windows consists of whole vectors, a tile takes
 * any two of them, also the last one of a row and the first one of the next. If not, the gaps are computed too, for a
 * few rows of the result at a time, and are left out when these are copied to the output.
 *
 * <p>A part is some rows of windows (some windows, if the input is read itself) and some output channels of one group
 * of one instance. Each element is summed in blocks of terms, each block one chain of fused multiply-adds; the first
 * block is added to the bias. A weight that is not finite turns padding into NaN.
 */
public final class VectorDirectConv implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final long COLUMN_BYTES = (long) COLUMNS * Float.BYTES;

    /** Roughly the windows of a part. The cost of copying the weights of a tile is shared by them. */
    private static final int BLOCK_WINDOWS = 16 * COLUMNS;

    private static final int TARGET_PARTS = 8;
    private static final int MIN_ROWS = 48;
    private static final long PART_WORK = 1 << 21;

    private final ConvProblem p;
    private final PolyphaseBlock inputBlock;
    private final int[] termOffsets;

    /** The offsets of the last windows in scratch memory, if the input is read itself. */
    private final int[] tailOffsets;

    private final int terms;
    private final int blockDepth;
    private final int windows;

    /** The rows of windows of a part, or its windows if the input is read itself. */
    private final int blockRows;

    private final int blocks;
    private final int partRows;
    private final int rowBlocks;
    private final int width;
    private final int pitch;

    /** The work on finished blocks, or null. */
    private final TileEpilogue epilogue;

    /** The bounds that elements are clamped to when they are stored, or null. */
    private final Bounds bounds;

    private VectorDirectConv(ConvProblem p, Tiling tiling) {
        this.p = p;
        terms = (int) p.terms();
        windows = (int) p.window().windows();
        int depths = Math.ceilDiv(terms, GemmTile.DEPTH);
        blockDepth = Math.ceilDiv(terms, depths);
        boolean identity =
                p.window().isIdentity() && p.inputChannels() * p.window().windows() < Integer.MAX_VALUE / Float.BYTES;
        if (identity) {
            int count = Math.ceilDiv(windows, BLOCK_WINDOWS);
            blockRows = Math.min(windows, Math.ceilDiv(Math.ceilDiv(windows, count), COLUMNS) * COLUMNS);
            blocks = Math.ceilDiv(windows, blockRows);
            inputBlock = null;
            width = 1;
            pitch = 1;
        } else {
            blockRows = chooseBlockRows(p, tiling);
            blocks = Math.ceilDiv(p.window().rows().output(), blockRows);
            inputBlock = new PolyphaseBlock(p.window(), blockRows);
            width = p.window().columns().output();
            pitch = inputBlock.pitch;
        }
        termOffsets = new int[terms];
        int taps = (int) p.window().taps();
        for (int t = 0; t < terms; t++) {
            long channel = identity ? (long) windows * Float.BYTES : inputBlock.byteSize;
            termOffsets[t] = Math.toIntExact(t / taps * channel + (identity ? 0 : inputBlock.tapOffsets[t % taps]));
        }
        tailOffsets = new int[identity ? terms : 0];
        Arrays.setAll(tailOffsets, t -> (int) (t * VECTOR));
        int planes = p.instances() * p.groups();
        long work = (long) p.outputChannels() * terms * blockRows * width;
        int wantedRowBlocks = Math.ceilDiv(TARGET_PARTS, Math.max(1, Math.min(TARGET_PARTS, planes * blocks)));
        int wantedParts = Math.clamp(Math.min(work / PART_WORK, p.outputChannels() / MIN_ROWS), 1, wantedRowBlocks);
        partRows = Math.min(
                p.outputChannels(),
                Math.ceilDiv(Math.ceilDiv(p.outputChannels(), wantedParts), GemmTile.ROWS) * GemmTile.ROWS);
        rowBlocks = Math.ceilDiv(p.outputChannels(), partRows);
        Math.multiplyExact(Math.multiplyExact(planes, blocks), rowBlocks);
        bounds = StoreEpilogue.onlyBounds(p.epilogue());
        epilogue = bounds == null ? TileEpilogue.behind(p.epilogue(), kernelScratchBytes()) : null;
    }

    private static int chooseBlockRows(ConvProblem p, Tiling tiling) {
        int all = p.window().rows().output();
        int width = p.window().columns().output();
        // Results that are finished when they are stored need not stay in a cache. Larger blocks then copy fewer input
        // rows twice.
        boolean finished =
                width % LANES == 0 && (p.epilogue() == null || StoreEpilogue.onlyBounds(p.epilogue()) != null);
        int maxRows = Math.clamp((finished ? 2 : 1) * BLOCK_WINDOWS / width, 1, all);
        while (maxRows > 1
                && !tiling.planesStay(p.inputChannels() * new PolyphaseBlock(p.window(), maxRows).byteSize)) {
            maxRows--;
        }
        int lines = Math.ceilDiv(all, Math.ceilDiv(all, maxRows));
        // Tiles of two vectors continue from row to row; with an even number of rows no single vector is left.
        return finished && lines > 1 && lines < all ? lines & -2 : lines;
    }

    /**
     * The kernel of a problem.
     *
     * @param p the convolution; its planes are small enough to be copied
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorDirectConv(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_direct_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return inputBlock == null ? "" : "lines " + blockRows;
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * blocks * rowBlocks;
    }

    @Override
    public long partNanos() {
        return 1
                + (long) partRows * terms * blockRows * width / (3L * LANES)
                + (long) terms * blockRows * width / LANES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    // Scratch memory: either the copied planes, beyond which a tile may read, and rows of the result with gaps; or the
    // last windows.

    private long kernelScratchBytes() {
        return inputBlock == null
                ? terms * VECTOR
                : resultOffset() + (hasGaps() ? GemmTile.ROWS * resultRowBytes() : 0);
    }

    private long resultOffset() {
        return (p.inputChannels() * inputBlock.byteSize + 63 & -64) + COLUMN_BYTES;
    }

    private long resultRowBytes() {
        return (Math.ceilDiv(blockRows * pitch, COLUMNS) + 1) * COLUMN_BYTES;
    }

    /** Whether the gaps between rows of windows are computed. */
    private boolean hasGaps() {
        return pitch != width && !skipsGaps();
    }

    /** Whether rows of windows are whole vectors with gaps between them that are not computed. */
    private boolean skipsGaps() {
        return pitch != width && width % LANES == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int loaded = -1;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int columns = part / rowBlocks;
                if (columns != loaded) {
                    loadInput(operands[0], columns / blocks, columns % blocks, scratch);
                    loaded = columns;
                }
                int row = part % rowBlocks * partRows;
                int end = Math.min(p.outputChannels(), row + partRows);
                multiply(operands, columns / blocks, columns % blocks, row, end, scratch, arrays);
            }
        } finally {
            arrays.give();
        }
    }

    /** Copies the planes of a group, or the last windows if they do not fill a vector. */
    private void loadInput(MemorySegment x, int group, int index, MemorySegment scratch) {
        long channel = (long) group * p.inputChannels();
        if (inputBlock != null) {
            int first = index * blockRows;
            int count = Math.min(blockRows, p.window().rows().output() - first);
            long pixels = p.window().pixels() * Float.BYTES;
            for (int c = 0; c < p.inputChannels(); c++) {
                inputBlock.load(x, (channel + c) * pixels, first, count, scratch, c * inputBlock.byteSize);
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
        int lines = lines(index);
        MemorySegment y = operands[p.output()];
        long planeBytes = (long) windows * Float.BYTES;
        for (int r = row; r < end; r += GemmTile.ROWS) {
            int count = rows(r);
            int channel = group % p.groups() * p.outputChannels() + r;
            long yAt = outputOffset(group, index, r);
            for (int k = 0; k < terms; k += blockDepth) {
                int n = Math.min(blockDepth, terms - k);
                for (int i = 0; i < count; i++) {
                    long weights = ((long) (channel + i) * terms + k) * Float.BYTES;
                    MemorySegment.copy(operands[1], SCALAR, weights, g.rows, i * GemmTile.ROW, n);
                }
                if (k == 0) {
                    loadBias(operands, channel, count, g);
                }
                multiplyTiles(operands, group, index, r, k, scratch, g);
            }
            if (hasGaps()) {
                removeGaps(scratch, lines, count, y, yAt, planeBytes);
            }
            if (epilogue != null) {
                epilogue.apply(y, yAt, count, lines * width, windows, operands, scratch);
            }
        }
    }

    /** The rows of windows of a block, or its windows if the input is read itself. */
    private int lines(int index) {
        int all = inputBlock == null ? windows : p.window().rows().output();
        return Math.min(blockRows, all - index * blockRows);
    }

    /**
     * The output channels of the tile that begins with a channel. A part ends with a whole tile or the last channel.
     */
    private int rows(int row) {
        return Math.min(GemmTile.ROWS, p.outputChannels() - row);
    }

    /** The byte offset of a block of windows in the plane of an output channel. */
    private long outputOffset(int group, int index, int row) {
        long plane = (long) group * p.outputChannels() + row;
        return plane * windows * Float.BYTES + (long) index * blockRows * width * Float.BYTES;
    }

    /** Stores the bias of a tile's rows as their start values. */
    private void loadBias(MemorySegment[] operands, int channel, int count, GemmScratch g) {
        for (int i = 0; i < count; i++) {
            g.start[i] = p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, (long) (channel + i) * Float.BYTES);
        }
    }

    /** Multiplies a block of terms of a tile's rows with all columns of a block of windows. */
    private void multiplyTiles(
            MemorySegment[] operands, int group, int index, int row, int k, MemorySegment scratch, GemmScratch g) {
        boolean padded = hasGaps();
        MemorySegment x = inputBlock == null ? operands[0] : scratch;
        long xAt = inputBlock == null
                ? ((long) group * p.inputChannels() * windows + (long) index * blockRows) * Float.BYTES
                : 0;
        MemorySegment c = padded ? scratch : operands[p.output()];
        long cAt = padded ? resultOffset() : outputOffset(group, index, row);
        long cRow = padded ? resultRowBytes() : (long) windows * Float.BYTES;
        int lines = lines(index);
        int positions = skipsGaps() ? lines * width : (lines - 1) * pitch + width;
        int count = rows(row);
        int n = Math.min(blockDepth, terms - k);
        for (int j = 0; j < positions; ) {
            int left = positions - j;
            long at = (long) j * Float.BYTES;
            int columns = Math.min(left, COLUMNS);
            if (inputBlock != null ? left > LANES : left >= COLUMNS) {
                long xOffset = columnOffset(j);
                DirectConvTile.multiply(
                        count, g.rows, x, xAt + xOffset, columnOffset(j + LANES) - xOffset, termOffsets, k, n, g.tile);
            } else if (inputBlock != null || left >= LANES) {
                columns = Math.min(left, LANES);
                DirectConvTile.multiplyHalf(count, g.rows, x, xAt + columnOffset(j), termOffsets, k, n, g.tile);
            } else {
                DirectConvTile.multiplyHalf(count, g.rows, scratch, 0, tailOffsets, k, n, g.tile);
            }
            int written = padded ? Math.ceilDiv(columns, LANES) * LANES : columns;
            storeTile(g, count, written, k, c, cAt + at, cRow);
            j += columns;
        }
    }

    /** Bytes from the first window of a block to another one. */
    private long columnOffset(int position) {
        int at = skipsGaps() ? position / width * pitch + position % width : position;
        return (long) at * Float.BYTES;
    }

    private void storeTile(GemmScratch g, int rows, int columns, int k, MemorySegment c, long at, long row) {
        boolean first = k == 0;
        Bounds last = k + blockDepth >= terms ? bounds : null;
        int vectorColumns = columns / LANES * LANES;
        if (last != null) {
            storeClamped(g.tile, g.start, first, rows, vectorColumns, c, at, row, last.least(), last.greatest());
        } else if (first) {
            storeWithBias(g.tile, g.start, rows, vectorColumns, c, at, row);
        } else {
            accumulate(g.tile, rows, vectorColumns, c, at, row);
        }
        if (vectorColumns == columns) {
            return;
        }
        for (int r = 0; r < rows; r++) {
            for (int j = vectorColumns; j < columns; j++) {
                long to = at + r * row + (long) j * Float.BYTES;
                float sum = g.tile[r * COLUMNS + j] + (first ? g.start[r] : c.get(SCALAR, to));
                c.set(SCALAR, to, last == null ? sum : last.of(sum));
            }
        }
    }

    private static void storeWithBias(
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

    /** Writes whole vectors, added to the bias or to the contents of the result, and clamped. */
    private static void storeClamped(
            float[] tile,
            float[] start,
            boolean first,
            int rows,
            int columns,
            MemorySegment c,
            long at,
            long row,
            float lower,
            float upper) {
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
                v = v.blend(lower, v.compare(VectorOperators.LT, lower));
                v.blend(upper, v.compare(VectorOperators.GT, upper)).intoMemorySegment(c, to, ORDER);
            }
        }
    }

    private static void accumulate(float[] tile, int rows, int columns, MemorySegment c, long at, long row) {
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

    /**
     * Copies rows of windows without the gaps. All rows but the last are copied by whole vectors, whose excess later
     * rows overwrite.
     */
    private void removeGaps(MemorySegment scratch, int lines, int count, MemorySegment y, long yAt, long planeBytes) {
        for (int r = 0; r < count; r++) {
            long from = resultOffset() + r * resultRowBytes();
            long to = yAt + r * planeBytes;
            for (int i = 0; i < lines; i++) {
                long bytesAfter = (long) (lines - 1 - i) * width * Float.BYTES;
                long at = from + (long) i * pitch * Float.BYTES;
                long line = to + (long) i * width * Float.BYTES;
                if (bytesAfter >= VECTOR) {
                    copyWithOverrun(scratch, at, y, line);
                } else {
                    StridedCopy.copy(scratch, at, 1, y, line, width);
                }
            }
        }
    }

    private void copyWithOverrun(MemorySegment s, long from, MemorySegment y, long to) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        for (long j = 0; j < width * (long) Float.BYTES; j += VECTOR) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, s, from + j, ORDER)).intoMemorySegment(y, to + j, ORDER);
        }
    }
}
